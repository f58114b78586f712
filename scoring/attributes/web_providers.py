"""Domains and names of those who give others access, space or a page: never somebody's own company domain.

Free mail stands in mail_providers.
"""

from __future__ import annotations

from typing import Final

from scoring.attributes.text import word_set

#: Networks and platforms whose pages are given as "website", and builders under whose own name sites live.
HOSTS: Final = word_set("""
    linkedin.com facebook.com fb.com fb.me m.me instagram.com twitter.com x.com t.co youtube.com youtu.be tiktok.com
    xing.com viadeo.com pinterest.com
    snapchat.com threads.net mastodon.social bsky.app reddit.com tumblr.com vimeo.com flickr.com medium.com
    substack.com quora.com github.com
    gitlab.com bitbucket.org stackoverflow.com behance.net dribbble.com whatsapp.com wa.me t.me telegram.me
    telegram.org discord.com discord.gg
    slack.com skype.com weibo.com vk.com ok.ru line.me kununu.com glassdoor.com indeed.com
    crunchbase.com angel.co wellfound.com
    yelp.com tripadvisor.com yellowpages.com pagesjaunes.fr gelbeseiten.de paginasamarillas.es google.com goo.gl g.co
    g.page bing.com baidu.com
    wikipedia.org amazon.com ebay.com ebay.de etsy.com alibaba.com aliexpress.com mercadolivre.com.br mercadolibre.com
    about.me linktr.ee bit.ly
    tinyurl.com wordpress.com blogger.com wix.com weebly.com squarespace.com jimdo.com
    jimdofree.com webnode.com
    godaddysites.com strikingly.com site123.me shopify.com bigcartel.com
    business.site
    canva.site notion.so eventbrite.com meetup.com doodle.com calendly.com typeform.com surveymonkey.com
    ionos.com ionos.de godaddy.com ovh.com ovh.net strato.de hetzner.com gandi.net one.com hostgator.com bluehost.com
    dreamhost.com
    amazonaws.com

    onmicrosoft.com
""")

#: Internet access providers under the domain of their own business.
ACCESS_PROVIDERS: Final = word_set("""
    telekom.de telekom.com vodafone.com vodafone.de vodafone.co.uk vodafone.es vodafone.it o2online.de telefonica.de
    telefonica.com telefonica.es
    movistar.com movistar.es orange.com orange.fr bouyguestelecom.fr bouygues-telecom.fr sfr.fr free.fr iliad.fr
    proximus.com telenet.be
    swisscom.ch swisscom.com sunrise.ch salt.ch upc.ch a1.at magenta.at kpn.com kpn.nl ziggo.nl bt.com virginmedia.com
    talktalk.co.uk sky.com
    comcast.com xfinity.com verizon.com att.com t-mobile.com spectrum.com charter.com cox.com centurylink.com
    lumen.com frontier.com optimum.com
    rogers.com bell.ca telus.com shaw.ca videotron.com cogeco.ca telstra.com telstra.com.au optus.com.au tpg.com.au
    vivo.com.br claro.com.br
    tim.com.br oi.com.br net.com.br claro.com telmex.com telcel.com izzi.mx totalplay.com.mx meo.pt nos.pt vodafone.pt
    tim.it fastweb.it windtre.it
    tdc.dk telenor.com telenor.no telia.com telia.se elisa.fi dna.fi ntt.com kddi.com softbank.jp chinatelecom.com.cn
    chinaunicom.com
    10086.cn airtel.in jio.com bsnl.co.in singtel.com starhub.com
""")

#: Names of internet and mail providers as they appear in a company field filled by an IP look-up; folded words.
PROVIDER_NAMES: Final = word_set(
    """
    comcast; comcast cable; comcast cable communications; comcast business; xfinity; verizon; verizon wireless;
    verizon fios; verizon business;
    verizon online; at t; att; at t internet services; at t mobility; at t services; sbc internet services; t mobile;
    t mobile usa; charter communications;
    charter; spectrum; time warner cable; cox; cox communications; centurylink; century link; lumen technologies;
    level 3; level 3 communications;
    frontier communications; windstream; windstream communications; optimum; optimum online; altice; altice usa;
    cablevision; mediacom; earthlink;
    sprint; hughesnet; starlink; rogers; rogers communications; rogers cable; bell canada; bell; shaw;
    shaw communications; telus; telus communications;
    videotron; cogeco; cogeco cable; sasktel; telstra; telstra internet; optus; tpg; tpg internet; iinet;
    spark new zealand;
    bt; british telecom; british telecommunications; bt group; virgin media; sky broadband; sky uk; talktalk;
    talk talk; plusnet; vodafone; vodafone uk;
    vodafone germany; vodafone kabel deutschland; kabel deutschland; vodafone italia; vodafone espana; o2; o2 online;
    o2 deutschland; ee;
    deutsche telekom; telekom; telekom deutschland; t online; 1 1; 1und1; 1 1 internet; 1und1 internet; freenet;
    unitymedia; netcologne; m net;
    telefonica; telefonica germany; telefonica de espana; telefonica deutschland; movistar; orange; orange espagne;
    orange france; france telecom; wanadoo;
    free; free mobile; proxad; iliad; sfr; societe francaise du radiotelephone; bouygues telecom; numericable;
    proximus; belgacom; telenet; voo;
    swisscom; swisscom schweiz; sunrise; sunrise communications; upc; upc cablecom; upc schweiz; liberty global;
    a1 telekom; a1 telekom austria;
    telekom austria; magenta telekom; kpn; ziggo; vodafoneziggo; xs4all; tele2; telecom italia; tim; fastweb;
    wind tre; libero; tiscali;
    ono; jazztel; euskaltel; masmovil; vivo; telefonica brasil; claro; claro brasil; net virtua; oi; telemar;
    embratel; tim brasil; tim celular; brasil telecom;
    telmex; uninet; telcel; izzi; megacable; totalplay; cantv; entel; vtr; etb; une; telecom argentina; fibertel; meo;
    nos; nos comunicacoes; pt comunicacoes;
    altice portugal; telia; telenor; tdc; comhem; bredbandsbolaget; elisa; dna; turk telekom; turkcell; rostelecom;
    beeline; mts;
    china telecom; chinanet; china unicom; china mobile; ntt; ntt communications; ntt docomo; kddi; softbank;
    korea telecom; sk broadband; hinet;
    chunghwa telecom; singtel; starhub; reliance jio; bharti airtel; airtel; bsnl; tata communications;
    cogent communications; hurricane electric;
    internet service provider; isp; gmail; google mail; googlemail; hotmail; outlook; yahoo mail; yahoo; icloud; gmx;
    web de; aol; msn; mail ru; qq
""",
    between=";",
)
