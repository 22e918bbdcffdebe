"""What the transaction that stores or edits an asset says of it, and leaves to be done (upload-api §6, §7)."""

from collections.abc import Sequence

from attrs import asdict, evolve, frozen

from origin.api.answers import Answers
from origin.api.endpoint import Json
from origin.api.upload.submission import Submission
from origin.assets.analyses import AnalysisWish, known_of
from origin.assets.eager import EagerWish
from origin.assets.suiting import Suiting
from origin.assets.texts import TEXT_EXTRACTED
from origin.catalogue import Asset, Identity, Message, Outcome, Stored

DERIVE = "derive"
"""Kind of the entries that owe an asset its eager files."""


@frozen(kw_only=True)
class Answered:
    """One call's answer: what of it is known within the transaction, and what is yet to be made for it."""

    answers: Answers
    submission: Submission
    eager: tuple[EagerWish, ...]
    is_later: bool  # the eager files are made after the answer
    analyses: AnalysisWish
    suitings: tuple[Suiting, ...]
    extracts_text: bool
    shown_as: Identity | None = (
        None  # another name than the asset's own: of a social picture, the one it has there
    )

    def shown(self, asset: Asset) -> Asset:
        """The asset under the name that answers give it."""
        return asset if self.shown_as is None else evolve(asset, identity=self.shown_as)

    def is_held(self, asset: Asset) -> bool:
        """Whether something is made between the row and the answer, which the notification shall tell."""
        is_looked_at = bool(self.analyses.lacking(known_of(asset))) and asset.facts is not None
        return bool((self.eager and not self.is_later) or self.suitings or is_looked_at)

    def answer(self, stored: Stored) -> Json:
        """The answer, but for what is to be made first."""
        asset, caller = self.shown(stored.asset), self.submission.caller
        shown = self.answers.uploaded(evolve(stored, asset=asset), caller)
        answer = {**shown, **self.analyses.told(known_of(asset))}
        if self.extracts_text and stored.outcome is not Outcome.EXISTING:
            answer["info"] = TEXT_EXTRACTED
        if self.eager and self.is_later:
            answer["eager"] = [
                self.answers.processing(asset, each, self.submission.batch_id, caller.api_secret)
                for each in self.eager
            ]
        return answer

    def messages(self, stored: Stored) -> Sequence[Message]:
        """The notification, and the job that makes eager files."""
        notifier = self.submission.notifier
        tell = notifier.hold if self.is_held(stored.asset) else notifier.tell
        told = tell("upload", self.answer(stored))
        return (*told, self._job(stored.asset)) if self.eager and self.is_later else told

    def _job(self, asset: Asset) -> Message:
        """What makes the eager files, and tells of them then."""
        payload = {
            "cloud": asset.identity.cloud,
            "api_key": self.submission.caller.api_key,
            "identity": asdict(asset.identity),
            "revision": asset.revision,
            "wishes": [[each.chain, each.extension] for each in self.eager],
            "notifier": asdict(self.submission.eager_notifier),
            "batch_id": self.submission.batch_id,
        }
        return Message(DERIVE, payload)
