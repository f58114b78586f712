"""Domains of free or private mail world-wide: an address there says nothing about an employer.

Compiled by hand from the providers' own sites; large internet providers whose customers get addresses are among them.
"""

from __future__ import annotations

from typing import Final

from scoring.attributes.text import word_set

#: Brands that have the same mail service under many national endings.
_FAMILIES: Final = {
    "yahoo": "com co.uk fr de es it ca in co.in co.id com.br com.mx com.ar com.au co.jp co.kr com.cn com.hk"
    " com.tw com.sg com.my com.ph com.vn co.th com.tr gr ie pl ro se dk no nl be at ch pt com.co"
    " com.pe com.ve co.za co.nz",
    "hotmail": "com co.uk fr de es it ca be nl se dk no fi at ch ch com.br com.ar com.mx com.au co.jp co.nz"
    " co.za com.tr gr cl pt",
    "live": "com co.uk fr de es it ca be nl se dk no fi at ch com.mx com.ar com.au com.pt cl ie in jp ru cn",
    "outlook": "com fr de es it be dk at pt com.br com.ar com.au ie co.id in jp kr cl cz gr hu lv my ph sa sg sk"
    " co.th com.tr com.vn co.nz",
    "msn": "com",
    "gmx": "de net at ch com fr es co.uk us info eu org li",
    "aol": "com de fr co.uk es it be at com.br com.au com.mx",
    "ymail": "com",
    "rocketmail": "com",
    "protonmail": "com ch",
    "proton": "me",
    "tutanota": "com de",
    "yandex": "ru com ua by kz com.tr",
    "zoho": "com eu in",
    "zohomail": "com eu in",
    "mail": "com ru ee bg de",
    "email": "com it cz de",
    "freenet": "de",
    "orange": "fr es pl be",
    "sfr": "fr",
    "terra": "com com.br es com.mx cl com.ar com.pe",
    "uol": "com.br com.ar",
    "telefonica": "net",
    "sapo": "pt",
    "vodafone": "it es de pt nl",
    "bluewin": "ch",
    "libero": "it",
    "tin": "it",
    "virgilio": "it",
    "tiscali": "it co.uk cz",
    "comcast": "net",
    "verizon": "net",
    "inbox": "ru lv com lt",
    "lycos": "com de fr es it co.uk",
    "rediffmail": "com",
    "seznam": "cz",
}

FREE_MAIL: Final = frozenset(
    f"{brand}.{ending}" for brand, endings in _FAMILIES.items() for ending in endings.split()
) | word_set("""
    gmail.com googlemail.com icloud.com me.com mac.com pm.me tuta.io tuta.com tutamail.com keemail.me fastmail.com
    fastmail.fm hey.com duck.com
    hushmail.com hush.com runbox.com posteo.de posteo.net mailbox.org mailfence.com startmail.com disroot.org
    riseup.net ctemplar.com
    usa.net usa.com excite.com juno.com netzero.net netscape.net lavabit.com myspace.com care2.com inbox.lv
    passport.com windowslive.com
    email.com mail.com consultant.com engineer.com post.com europe.com asia.com iname.com writeme.com dr.com
    techie.com linuxmail.org
    myself.com contractor.net accountant.com lawyer.com teacher.com mailcity.com zoznam.sk bigfoot.com
    eml.cc sent.com

    web.de t-online.de arcor.de freenet.de online.de onlinehome.de kabelmail.de alice-dsl.net alice.de 1und1.de
    mailbox.de email.de gmx.com
    unity-mail.de unitybox.de netcologne.de ewetel.net ewe.net osnanet.de versanet.de t-online.com tonline.de aim.com
    mail.de emailn.de
    firemail.de directbox.com smart-mail.de vodafonemail.de o2mail.de o2online.de htp-tel.de mnet-mail.de
    mnet-online.de nefkom.net
    a1.net aon.at chello.at inode.at utanet.at tele2.at kabsi.at liwest.at drei.at sunrise.ch hispeed.ch
    swissonline.ch bluemail.ch vtxmail.ch
    gmx.li quickline.ch green.ch

    orange.fr wanadoo.fr free.fr laposte.net neuf.fr sfr.fr numericable.fr numericable.com bbox.fr club-internet.fr
    cegetel.net 9online.fr
    9business.fr aliceadsl.fr noos.fr voila.fr caramail.com caramail.fr dbmail.com gmx.fr ik.me infonie.fr mageos.com
    tele2.fr cario.fr
    skynet.be telenet.be proximus.be scarlet.be voo.be belgacom.net belgacom.be chello.be base.be edpnet.be pt.lu
    internet.lu

    telefonica.net movistar.es ono.com ya.com jazztel.es jazzfree.com wanadoo.es auna.com euskaltel.net mundo-r.com
    correo.com starmedia.com
    latinmail.com hotmail.es prodigy.net.mx infinitum.com.mx correo.com.mx cablevision.net.mx fibertel.com.ar
    ciudad.com.ar arnet.com.ar
    speedy.com.ar netverk.com.ar vtr.net entelchile.net une.net.co etb.net.co cantv.net adinet.com.uy speedy.com.pe
    telmex.com

    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br zipmail.com.br pop.com.br
    superig.com.br itelefonica.com.br
    veloxmail.com.br brturbo.com.br click21.com.br yahoo.com.br netsite.com.br folha.com.br sapo.pt netcabo.pt clix.pt
    iol.pt meo.pt
    mail.telepac.pt telepac.pt vizzavi.pt net.sapo.pt nos.pt portugalmail.pt portugalmail.com

    libero.it virgilio.it alice.it tin.it tim.it fastwebnet.it inwind.it iol.it blu.it supereva.it katamail.com
    poste.it teletu.it email.it
    kpnmail.nl kpnplanet.nl planet.nl ziggo.nl home.nl hetnet.nl xs4all.nl upcmail.nl chello.nl quicknet.nl casema.nl
    wxs.nl zonnet.nl telfort.nl
    tele2.nl online.nl solcon.nl caiway.nl onsbrabantnet.nl

    btinternet.com btopenworld.com sky.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk talktalk.net
    tiscali.co.uk plusnet.com
    plus.net plus.com o2.co.uk orange.net lineone.net freeserve.co.uk fsmail.net freeuk.com supanet.com madasafish.com
    mail.co.uk uwclub.net
    eircom.net iol.ie indigo.ie

    comcast.net verizon.net att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net swbell.net nvbell.net
    prodigy.net snet.net flash.net
    cox.net charter.net earthlink.net mindspring.com optonline.net optimum.net roadrunner.com rr.com twc.com
    adelphia.net frontier.com
    frontiernet.net windstream.net centurylink.net centurytel.net embarqmail.com q.com cableone.net suddenlink.net
    rcn.com peoplepc.com
    insightbb.com mchsi.com wowway.com hughes.net tds.net spectrum.net xfinity.com ptd.net zoominternet.net
    rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca cogeco.ca eastlink.ca sasktel.net mts.net
    nb.aibn.com ns.sympatico.ca
    bigpond.com bigpond.net.au bigpond.com.au optusnet.com.au iinet.net.au tpg.com.au internode.on.net ozemail.com.au
    westnet.com.au dodo.com.au
    aapt.net.au xtra.co.nz slingshot.co.nz vodafone.co.nz orcon.net.nz clear.net.nz telkomsa.net mweb.co.za
    vodamail.co.za webmail.co.za

    qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net 188.com vip.163.com vip.126.com sina.com sina.cn
    vip.sina.com sohu.com tom.com
    139.com 189.cn wo.cn aliyun.com 263.net chinaren.com eyou.com naver.com hanmail.net daum.net nate.com
    kakao.com korea.com
    dreamwiz.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp au.com nifty.com ocn.ne.jp biglobe.ne.jp
    so-net.ne.jp plala.or.jp
    dion.ne.jp infoseek.jp excite.co.jp goo.jp hinet.net pchome.com.tw seed.net.tw netvigator.com singnet.com.sg
    starhub.net.sg pacific.net.sg
    rediffmail.com rediff.com indiatimes.com in.com vsnl.net vsnl.com bsnl.in airtelmail.in sancharnet.in

    mail.ru bk.ru list.ru inbox.ru internet.ru rambler.ru ro.ru lenta.ru myrambler.ru autorambler.ru ya.ru narod.ru
    yandex.com ukr.net i.ua
    meta.ua bigmir.net email.ua online.ua tut.by abv.bg mail.bg dir.bg wp.pl o2.pl onet.pl onet.eu op.pl interia.pl
    interia.eu poczta.fm
    poczta.onet.pl tlen.pl gazeta.pl vp.pl autograf.pl seznam.cz centrum.cz email.cz post.cz volny.cz atlas.cz azet.sk
    centrum.sk pobox.sk
    post.sk freemail.hu citromail.hu t-online.hu indamail.hu vipmail.hu upcmail.hu chello.hu chello.pl chello.cz
    upcmail.cz siol.net t-2.net
    amis.net net.hr inet.hr t-com.hr xnet.hr optinet.hr eunet.rs sbb.rs ptt.rs mts.rs clicknet.ro rdslink.ro home.ro
    k.ro otenet.gr hol.gr
    forthnet.gr in.gr pathfinder.gr vivodinet.gr
    telia.com bredband.net comhem.se spray.se passagen.se home.se glocalnet.net bahnhof.se tele2.se swipnet.se
    online.no start.no broadpark.no
    getmail.no lyse.net jubii.dk ofir.dk tdcadsl.dk mail.dk post.tele.dk stofanet.dk youmail.dk privat.dk luukku.com
    suomi24.fi kolumbus.fi
    elisanet.fi saunalahti.fi welho.com pp.inet.fi netti.fi simnet.is delfi.lv inbox.lt one.lt hot.ee online.ee
    neti.ee
    mynet.com superonline.com ttmail.com turk.net walla.com walla.co.il netvision.net.il bezeqint.net 012.net.il
    zahav.net.il
    emirates.net.ae eim.ae maktoob.com saudi.net.sa menara.ma caramail.com topnet.tn planet.tn gnet.tn
""")
