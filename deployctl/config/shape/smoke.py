"""`smoke`: questions that the running release must answer well."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from deployctl.config.shape.matchers import Expected, ExpectedHeader, unusable
from deployctl.config.shape.part import Duration, Part, Text, said
from deployctl.model.check import Matcher, Op
from deployctl.model.jsonpath import parse

METHODS = ("get", "post", "put", "delete", "head")
_LOWEST, _HIGHEST = 100, 599


def _target(text: str) -> str:
    if not text.startswith("/") or any(each.isspace() for each in text):
        raise said(
            "`{name}` is not a path",
            "the address comes from the environment's url",
            "Begin with a slash, like /healthz.",
        )
    return text


def _place(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise said(
            "`{name}` is no place in a JSON document", str(error), 'Write it like "$.items[0].id".'
        ) from None
    return text


def _statuses(raw: object) -> object:
    listed = raw if isinstance(raw, list | tuple) else [raw]
    fits = bool(listed) and all(
        isinstance(each, int) and not isinstance(each, bool) and _LOWEST <= each <= _HIGHEST
        for each in listed
    )
    if not fits:
        raise said("`{name}` is not an HTTP status", "", "Write 200, or a list like [200, 204].")
    return tuple(listed)


def _several(raw: object) -> object:
    listed = [raw] if isinstance(raw, str) else raw
    if not isinstance(listed, list | tuple) or not all(isinstance(e, str) and e for e in listed):
        raise said("`{name}` is not text", "", "Write a text or a list of texts.")
    return tuple(listed)


def _patterns(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        why = unusable(Matcher(op=Op.MATCHES, value=text))
        if why:
            raise said("`{name}` cannot be searched", why, "Correct the expression.")
    return texts


_TEXT_OR_TEXTS: dict[str, object] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
}
_STATUS: dict[str, object] = {"type": "integer", "minimum": _LOWEST, "maximum": _HIGHEST}
OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_several), WithJsonSchema(_TEXT_OR_TEXTS)]
Statuses = Annotated[
    tuple[int, ...],
    BeforeValidator(_statuses),
    WithJsonSchema({"anyOf": [_STATUS, {"type": "array", "items": _STATUS, "minItems": 1}]}),
]
Target = Annotated[Text, AfterValidator(_target)]
Place = Annotated[str, AfterValidator(_place)]


class Body(Part):
    """What the text of an answer must look like."""

    contains: OneOrMore = Field(default=(), description="Texts that must be in it.")
    not_contains: OneOrMore = Field(default=(), description="Texts that must not be in it.")
    matches: Annotated[OneOrMore, AfterValidator(_patterns)] = Field(
        default=(), description="Regular expressions that must be found in it."
    )
    min_length: int | None = Field(default=None, ge=1, description="Fewest characters.")


class Latency(Part):
    """How fast an answer must come, in milliseconds."""

    warn_ms: int | None = Field(
        default=None, ge=1, description="Slower than this is worth a warning."
    )
    fail_ms: int | None = Field(default=None, ge=1, description="Slower than this is a failure.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.warn_ms and self.fail_ms and self.warn_ms >= self.fail_ms:
            raise said(
                "`{name}` never warns",
                "fail_ms is reached before warn_ms",
                "Make warn_ms smaller than fail_ms.",
                key="warn_ms",
            )
        return self


class Expect(Part):
    """What a good answer is."""

    status: Statuses = Field(
        default=(200,), description="HTTP status, or several that are all good."
    )
    json_: dict[Place, Expected] = Field(
        default={}, alias="json", description="Place in the JSON document → what must be there."
    )
    header: dict[str, ExpectedHeader] = Field(
        default={}, description="Header → its value, operators, or the word exists."
    )
    body: Body = Field(default=Body(), description="What the text must look like.")
    latency: Latency = Field(default=Latency(), description="How fast it must come.")


class Smoke(Part):
    """One HTTP question, asked until it is answered well or time is up."""

    name: Text = Field(
        default="", description="What the screens call it; method and path by default."
    )
    get: Target = Field(default="", description="Path to ask with GET.")
    post: Target = Field(default="", description="Path to ask with POST.")
    put: Target = Field(default="", description="Path to ask with PUT.")
    delete: Target = Field(default="", description="Path to ask with DELETE.")
    head: Target = Field(default="", description="Path to ask with HEAD.")
    service: Text = Field(
        default="", description="Service whose image $git_sha means; any of the release by default."
    )
    when: Literal["shifted", "published"] = Field(
        default="shifted",
        description="shifted: at the load balancer, before the CDN is emptied; "
        "published: at the public url, after it.",
    )
    headers: dict[str, str] = Field(default={}, description="Headers to send.")
    body: str = Field(default="", description="Text to send.")
    json_: object = Field(default=None, alias="json", description="JSON document to send.")
    follow: bool = Field(default=False, description="Follow redirects.")
    attempt_timeout: Duration = Field(
        default="5s", validate_default=True, description="How long one attempt may take."
    )
    until: Duration = Field(
        default="60s", validate_default=True, description="How long attempts go on."
    )
    consecutive: int = Field(
        default=1, ge=1, le=100, description="Good answers in a row that are needed."
    )
    expect: Expect = Field(default=Expect(), description="What a good answer is.")

    @property
    def method(self) -> str:
        """`GET`, `POST`, …"""
        return next(each for each in METHODS if getattr(self, each)).upper()

    @property
    def path(self) -> str:
        """The path that is asked."""
        return str(getattr(self, self.method.lower()))

    @property
    def sends_json(self) -> bool:
        """Whether a JSON document (which may be null) is sent."""
        return "json_" in self.model_fields_set

    @model_validator(mode="after")
    def _asks_once(self) -> Self:
        given = [each for each in METHODS if getattr(self, each)]
        if len(given) != 1:
            why = f"it has {' and '.join(given)}" if given else "it asks nothing"
            raise said(
                "`{name}` must ask one question",
                why,
                "Write one of: get: /path, post: …",
                key=given[1] if given else "",
            )
        if self.body and self.sends_json:
            raise said(
                "`{name}` sends two bodies",
                "both `body` and `json` are there",
                "Keep one of them.",
                key="json",
            )
        if self.attempt_timeout > self.until:
            raise said(
                "`{name}` gives up in the middle of an attempt",
                "attempt_timeout is longer than until",
                "Make `until` longer.",
                key="attempt_timeout",
            )
        return self
