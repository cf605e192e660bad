"""The talk in a partner's room: what both sides ask each other, answer and remark."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from funnel.models import RoomMessage
from objectives.forms.room_talk import AnswerForm, EditMessageForm, RoomMessageForm
from objectives.queries.partners import partners_of
from objectives.queries.room_talk import RoomTalk, may_settle, room_page, talk_in
from objectives.services import room_talk as services
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal


def get_room_partner(membership: Membership, pk: int) -> Membership:
    """The partner whose room it is, for those inside and for the partner; 404 for everybody else and who has left."""
    if membership.is_partner and membership.pk != pk:
        raise Http404
    partner = partners_of(membership).select_related("organization", "user", "room").filter(pk=pk).first()
    if partner is None:
        raise Http404
    return partner


@require_http_methods(PAGE_METHODS)
def room_talk(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The talk of a room by itself; sent to it, one more message, or the answer to a `question`."""
    membership = get_membership(request, slug)
    partner = get_room_partner(membership, pk)
    if request.method != "POST":
        return show(request, membership, partner)
    asked = request.POST.get("question", "")
    question = None
    if asked:
        rows = RoomMessage.objects.filter(room_of=partner, is_question=True)
        question = get_visible(rows, membership, pk=read_id(asked) or 0)
    form: RoomMessageForm | AnswerForm = (
        answer_form(question.pk, request.POST) if question else message_form(request.POST)
    )
    if form.is_valid():
        said = form.cleaned_data
        try:
            message = services.say_in_room(
                partner,
                by=membership,
                text=said["text"],
                is_question=said.get("is_question", False),
                question=question,
                submission_key=said["submission_key"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return led_to(message, answered(request, membership, partner, message, said=message.pk))
    return show(request, membership, partner, form=form, answering=question.pk if question else 0)


def message_form(data: Any = None) -> RoomMessageForm:
    return RoomMessageForm(data, auto_id="id_message_%s")


def answer_form(pk: int, data: Any = None) -> AnswerForm:
    return AnswerForm(data, auto_id=f"id_answer_{pk}_%s")


def edit_form(message: RoomMessage, data: Any = None) -> EditMessageForm:
    return EditMessageForm(
        data, version=message.version, auto_id=f"id_message_{message.pk}_%s", initial={"text": message.text}
    )


def answered(
    request: HttpRequest, membership: Membership, partner: Membership, message: RoomMessage, *, said: int = 0
) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return show(request, membership, partner, said=said)
    return redirect(f"{room_page(membership, partner)}#message-{message.pk}")


def led_to(message: RoomMessage, answer: HttpResponse) -> HttpResponse:
    """A question goes to the top of the talk, one that is answered below those that wait: htmx scrolls there."""
    if answer.status_code == HTTPStatus.OK and (message.is_question or message.question_id):
        answer["HX-Reswap"] = f"outerHTML show:#message-{message.pk}:top"
    return answer


def show(
    request: HttpRequest,
    membership: Membership,
    partner: Membership,
    *,
    form: Any = None,
    answering: int = 0,
    editing: int = 0,
    said: int = 0,
) -> HttpResponse:
    """The talk as a page of its own, or as the part that htmx asks for; with a form that was refused 422.

    The message that was just `said` gets the focus.
    """
    shown = room_talk_shown(request, membership, partner, form=form, answering=answering, editing=editing)
    shown["said"] = said
    template = "objectives/_room_talk.html" if request.htmx else "objectives/room_talk.html"  # type: ignore[attr-defined]
    return render(request, template, shown, status=422 if form is not None and form.errors else 200)


def room_talk_shown(
    request: HttpRequest,
    membership: Membership,
    partner: Membership,
    *,
    form: Any = None,
    answering: int = 0,
    editing: int = 0,
) -> dict[str, Any]:
    """What `_room_talk.html` needs to stand on a page.

    A `form` that was refused stands where it was sent from: below the question `answering`, at the message `editing`,
    or at the end.
    """
    talk = talk_in(partner, membership, everything=bool(request.GET.get("older")))
    for row in talk.open:
        row.answer_form = form if row.pk == answering and form is not None else answer_form(row.pk)  # type: ignore[attr-defined]
    shown: dict[str, Any] = {"talk": talk, "message_form": message_form()}
    if editing and form is not None:
        shown |= {"editing": editing, "edit_form": form}
    elif form is not None and not any(row.pk == answering for row in talk.open):
        shown["message_form"] = form
    return shown | edited(request, membership, talk, shown)


def edited(request: HttpRequest, membership: Membership, talk: RoomTalk, shown: dict[str, Any]) -> dict[str, Any]:
    """The form of the message that is asked for by `?edit=`, where one's own stands here."""
    asked = read_id(request.GET.get("edit")) if "editing" not in shown else None
    rows = (each for row in [*talk.open, *talk.rows] for each in [row, *row.shown_answers])  # type: ignore[attr-defined]
    own = next((row for row in rows if row.pk == asked and row.author_id == membership.pk), None)
    return {} if own is None else {"editing": own.pk, "edit_form": edit_form(own)}


def message_at(membership: Membership, pk: int, *, own: bool = False) -> tuple[RoomMessage, Membership]:
    """A message and the partner in whose room it stands; with `own` 403 for another's, an administrator's too."""
    rows = RoomMessage.objects.select_related("room_of", "author__user")
    message = get_visible(rows, membership, pk=pk)
    partner = get_room_partner(membership, message.room_of_id)
    if own and message.author_id != membership.pk:
        refuse()
    return message, partner


@require_POST
def edit_room_message(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    message, partner = message_at(membership, pk, own=True)
    form = edit_form(message, request.POST)
    if form.is_valid():
        try:
            services.change_message(
                message, by=membership, text=form.cleaned_data["text"], expected_version=form.expected_version
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(message.version)
        else:
            return answered(request, membership, partner, message)
    return show(request, membership, partner, form=form, editing=message.pk)


@require_POST
def withdraw_room_message(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    message, partner = message_at(membership, pk)
    get_editable(RoomMessage.objects, membership, pk=pk)
    return act(request, membership, partner, message, lambda: services.withdraw_message(message, by=membership))


@require_POST
def restore_room_message(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    message, partner = message_at(membership, pk)
    get_editable(RoomMessage.objects, membership, pk=pk)
    return act(request, membership, partner, message, lambda: services.restore_message(message, by=membership))


@require_POST
def settle_room_question(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Mark a question as settled, or with `settled=0` as open again."""
    membership = get_membership(request, slug)
    message, partner = message_at(membership, pk)
    if not message.is_question or not may_settle(message, membership):
        refuse()
    settled = request.POST.get("settled") != "0"
    return act(
        request, membership, partner, message,
        lambda: services.settle_question(message, by=membership, settled=settled),
    )  # fmt: skip


def act(
    request: HttpRequest, membership: Membership, partner: Membership, message: RoomMessage, write: Any
) -> HttpResponse:
    try:
        write()
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return answered(request, membership, partner, message)
