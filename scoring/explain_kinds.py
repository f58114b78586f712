"""What activities of each kind are called in generated sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: One and several, in English and in French.
KIND_NAMES: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "email_sent": ("e-mail sent", "e-mails sent", "e-mail envoyé", "e-mails envoyés"),
    "email_delivered": ("e-mail delivered", "e-mails delivered", "e-mail distribué", "e-mails distribués"),
    "email_opened": ("e-mail opened", "e-mails opened", "e-mail ouvert", "e-mails ouverts"),
    "email_clicked": ("click in an e-mail", "clicks in e-mails", "clic dans un e-mail", "clics dans des e-mails"),
    "email_replied": ("answer by e-mail", "answers by e-mail", "réponse par e-mail", "réponses par e-mail"),
    "email_forwarded": ("e-mail forwarded", "e-mails forwarded", "e-mail transféré", "e-mails transférés"),
    "email_bounced": ("e-mail bounced", "e-mails bounced", "e-mail rejeté", "e-mails rejetés"),
    "unsubscribed": ("unsubscription", "unsubscriptions", "désabonnement", "désabonnements"),
    "spam_complaint": ("complaint about spam", "complaints about spam", "plainte pour spam", "plaintes pour spam"),
    "page_view": ("visit", "visits", "visite", "visites"),
    "search": ("search", "searches", "recherche", "recherches"),
    "form_submitted": ("form", "forms", "formulaire", "formulaires"),
    "download": ("download", "downloads", "téléchargement", "téléchargements"),
    "chat": ("chat", "chats", "conversation en ligne", "conversations en ligne"),
    "callback_requested": ("request for a call", "requests for a call", "demande de rappel", "demandes de rappel"),
    "webinar_registered": (
        *("webinar registration", "webinar registrations"),
        *("inscription à un webinaire", "inscriptions à des webinaires"),
    ),
    "webinar_attended": ("webinar attended", "webinars attended", "webinaire suivi", "webinaires suivis"),
    "webinar_replayed": ("webinar replayed", "webinars replayed", "webinaire revu", "webinaires revus"),
    "event_registered": (
        *("event registration", "event registrations"),
        *("inscription à un événement", "inscriptions à des événements"),
    ),
    "event_attended": ("event attended", "events attended", "événement suivi", "événements suivis"),
    "event_no_show": ("event missed", "events missed", "événement manqué", "événements manqués"),
    "booth_visit": ("visit of the booth", "visits of the booth", "visite du stand", "visites du stand"),
    "demo_requested": ("demo requested", "demos requested", "démonstration demandée", "démonstrations demandées"),
    "demo_viewed": ("demo watched", "demos watched", "démonstration vue", "démonstrations vues"),
    "demo_attended": ("demo attended", "demos attended", "démonstration suivie", "démonstrations suivies"),
    "trial_started": ("trial started", "trials started", "essai commencé", "essais commencés"),
    "trial_used": ("use of the trial", "uses of the trial", "utilisation de l'essai", "utilisations de l'essai"),
    "call_inbound": ("call received", "calls received", "appel reçu", "appels reçus"),
    "call_connected": (
        "telephone conversation",
        "telephone conversations",
        "entretien téléphonique",
        "entretiens téléphoniques",
    ),
    "call_attempted": ("call attempted", "calls attempted", "appel tenté", "appels tentés"),
    "meeting_booked": ("meeting booked", "meetings booked", "rendez-vous pris", "rendez-vous pris"),
    "meeting_held": ("meeting held", "meetings held", "rendez-vous tenu", "rendez-vous tenus"),
    "meeting_no_show": ("meeting missed", "meetings missed", "rendez-vous manqué", "rendez-vous manqués"),
    "task_completed": ("task done", "tasks done", "tâche faite", "tâches faites"),
    "note": ("note", "notes", "note", "notes"),
    "content_viewed": ("content viewed", "contents viewed", "contenu consulté", "contenus consultés"),
    "content_shared": ("content shared", "contents shared", "contenu partagé", "contenus partagés"),
    "video_viewed": ("video watched", "videos watched", "vidéo vue", "vidéos vues"),
    "podcast_played": ("podcast played", "podcasts played", "podcast écouté", "podcasts écoutés"),
    "survey_completed": ("survey completed", "surveys completed", "enquête remplie", "enquêtes remplies"),
    "training_completed": ("training completed", "trainings completed", "formation suivie", "formations suivies"),
    "certification_earned": (
        *("certification earned", "certifications earned"),
        *("certification obtenue", "certifications obtenues"),
    ),
    "community_posted": ("post in the community", "posts in the community", "message au forum", "messages au forum"),
    "social_engaged": ("social reaction", "social reactions", "réaction sur les réseaux", "réactions sur les réseaux"),
    "social_negative": ("negative comment", "negative comments", "commentaire négatif", "commentaires négatifs"),
    "campaign_sent": ("campaign sent", "campaigns sent", "campagne envoyée", "campagnes envoyées"),
    "campaign_responded": (
        "campaign response",
        "campaign responses",
        "réponse à une campagne",
        "réponses à des campagnes",
    ),
    "timeline_slipped": ("postponement", "postponements", "report", "reports"),
    "contract_refused": ("contract refused", "contracts refused", "contrat refusé", "contrats refusés"),
    "do_not_call_added": ("wish not to be called", "wishes not to be called", "refus d'appel", "refus d'appel"),
    "product_used": ("use of the product", "uses of the product", "utilisation du produit", "utilisations du produit"),
    "intent_signal": ("sign of intent", "signs of intent", "signal d'intention", "signaux d'intention"),
    "other": ("activity", "activities", "activité", "activités"),
}
