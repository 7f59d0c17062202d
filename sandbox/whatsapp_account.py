"""The account on the fake WhatsApp: what Meta does to it, and the events about it."""

import time
from typing import Any, Final

from sandbox.webhook_sender import WebhookSender
from sandbox.whatsapp_templates import TEMPLATES, RefusedError

Json = dict[str, Any]
NUMBER: Final = "12025550100"
_ACCOUNT: Final = "account_update"
_TEMPLATE: Final = "message_template_status_update"
_QUALITY: Final = "phone_number_quality_update"
ACTIONS: Final = (
    "ban",
    "restrict",
    "reinstate",
    "pause-template",
    "disable-template",
    "reject-template",
    "approve-template",
    "flag-number",
    "unflag-number",
)


class WhatsAppAccount:
    """`barred`: nothing may be sent; `paused`: names of paused templates; `flagged`: bad quality rating."""

    def __init__(self, webhook_sender: WebhookSender) -> None:
        self._webhook_sender = webhook_sender
        self.barred = False
        self.flagged = False
        self.paused: set[str] = set()

    def act(self, action: str, template: str = "") -> None:
        """Do one of ACTIONS, to `template` where it is about one. Raises KeyError for anything else."""
        if action.endswith("-template"):
            self._judge(template, action.removesuffix("-template"))
        elif action.endswith("-number"):
            self.flagged = action == "flag-number"
            event = "FLAGGED" if self.flagged else "UNFLAGGED"
            limits = {"current_limit": "TIER_10K", "max_daily_conversations_per_business": "TIER_10K"}
            self._tell(_QUALITY, {"display_phone_number": NUMBER, "event": event, **limits})
        else:
            self._tell(_ACCOUNT, _ACCOUNT_EVENTS[action])
            self.barred = action != "reinstate"

    def check(self, template: object = None) -> None:
        """Raise RefusedError if nothing may be sent, or not this template."""
        if self.barred:
            raise RefusedError(131031, "Business Account has been locked.")
        if template in self.paused:
            raise RefusedError(132015, f"Template {template} is paused due to low quality.")

    def to_json(self) -> Json:
        """For the page and the state file."""
        return {"barred": self.barred, "flagged": self.flagged, "paused": sorted(self.paused)}

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned."""
        self.barred, self.flagged = saved.get("barred", False), saved.get("flagged", False)
        self.paused = set(saved.get("paused", ()))

    def _judge(self, template: str, verdict: str) -> None:
        language = TEMPLATES[template]
        event = {"pause": "PAUSED", "disable": "DISABLED", "reject": "REJECTED", "approve": "APPROVED"}[
            verdict
        ]
        (self.paused.discard if event == "APPROVED" else self.paused.add)(template)
        about = {"message_template_id": 1, "message_template_name": template}
        told = {"event": event, **about, "message_template_language": language, "reason": "NONE"}
        self._tell(_TEMPLATE, told)

    def _tell(self, field: str, value: Json) -> None:
        self._webhook_sender.send({"field": field, "value": value, "time": int(time.time())})


_ACCOUNT_EVENTS: Final[dict[str, Json]] = {
    "ban": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "today"}},
    "restrict": {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 0}],
    },
    "reinstate": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}},
}
