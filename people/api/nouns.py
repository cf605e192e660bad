"""The base of every noun of the API: `/api/v1/o/<slug>/<noun>/` and `/api/v1/o/<slug>/<noun>/<id>/`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from people.access import get_visible, refuse
from people.api.answers import Pages
from people.api.doors import Door
from people.api.filters import Ordering
from people.refusals import Refusal, stale

VERSION = re.compile(r'(?:W/)?"([0-9]{1,10})"|([0-9]{1,10})')


class Noun(Door, GenericViewSet):
    """One kind of row of an organization, listed and read one by one. Writing is added by `Adding` and `Changing`.

        class Cycles(Adding, Changing, Noun):
            "Quarters and years plans are made for."          # becomes the description in the document

            queryset = Cycle.objects.order_by("-start", "id")     # has visible_to and editable_by
            serializer_class = CycleSerializer                    # how a row is answered
            given_class = CycleInput                              # what is taken, if it is not the same
            filterset_class = CycleFilters                        # a django_filters FilterSet; see filters.RowFilter
            ordering_fields = ("name", "start")                   # or {"score": "scored__score"}

            def rows(self):                                       # only to add select_related or annotations
                return super().rows().select_related("kgi")

            def may_add(self):
                return self.membership.is_admin

            def add(self, given):
                return services.save_cycle(Cycle(**given), by=self.membership)

            def change(self, row, given):
                return services.save_cycle(changed(row, given), expected_version=self.expected_version)

        urlpatterns = addresses("cycles", Cycles)                 # names api_cycles and api_cycles_detail

    What it takes care of: 401 before 404 before 403; `self.membership`; rows from `visible_to`, 404 for the others;
    `editable_by` before a change, else 403; pages; filters and ordering, 400 with `fields` for what is not understood;
    `If-Match` (`self.expected_version`, None without it) and the `ETag` of every single row that has a `version`; the
    current row beside a `Refusal` `stale`; `Idempotency-Key`. Refusals and `ValidationError`s of services are answered
    in the one shape, so `add` and `change` catch nothing.

    More acts on a row are DRF's: `@action(detail=True, methods=["post"]) def close(self, request, slug, pk): row =
    self.get_editable(); …; return self.answer(row)`; they are among the `addresses`, as `…/<id>/close/`. A `destroy`
    method answers DELETE, where a service takes rows away.
    Serializers name other rows by `people.api.RowField`, which takes only what the asker may see.
    """

    queryset: QuerySet
    given_class: type[BaseSerializer] | None = None
    ordering_fields: tuple[str, ...] | dict[str, str] = ()
    pagination_class = Pages
    filter_backends = (DjangoFilterBackend, Ordering)

    # What a noun says

    def rows(self) -> QuerySet:
        """The rows the asker may see."""
        return self.queryset.visible_to(self.membership)  # type: ignore[attr-defined]

    def version_of(self, row: Model) -> int | None:
        return getattr(row, "version", None)

    # What is asked

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.rows()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        return Response({"methods": self.allowed_methods})

    # For those who write

    def get_object(self) -> Any:
        """The row named in the address, or 404."""
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row

    def get_editable(self) -> Any:
        """The row named in the address: 404 where it may not be seen, 403 where it may only be read.

        Of an act, other than a change whose service compares versions under its lock, `stale` already here.
        """
        row = self.get_object()
        if not self.queryset.editable_by(self.membership).filter(pk=row.pk).exists():  # type: ignore[attr-defined]
            refuse()
        if self.action not in {"partial_update", "update"}:
            self.refuse_stale(row)
        return row

    def refuse_stale(self, row: Model) -> None:
        """Raise `Refusal` `stale` where `If-Match` counts on another version of the row."""
        if self.expected_version not in {None, self.version_of(row)}:
            raise stale()

    def given(self, row: Model | None = None, *, by: type[BaseSerializer] | None = None) -> dict[str, Any]:
        """What the request's body says, checked; of a row that is changed only what was sent. Raises 400."""
        kind = by or self.given_class or self.get_serializer_class()
        sent = kind(row, data=self.request.data, partial=row is not None, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return sent.validated_data

    @property
    def expected_version(self) -> int | None:
        """The version in `If-Match`, None without it. Raises 400 for anything but `"3"`, `W/"3"`, `3` and `*`."""
        asked = self.request.headers.get("If-Match", "*").strip()
        if asked == "*":
            return None
        version = VERSION.fullmatch(asked)
        if version is None:
            raise exceptions.ValidationError({"If-Match": [_('Send the row\'s version, like "3".')]})
        return int(version[1] or version[2])

    def expects(self, given: dict[str, Any]) -> int | None:
        """The version counted on: that of `If-Match`, else the body's own `version`, which is taken out of it."""
        version = given.pop("version", None)
        return version if self.expected_version is None else self.expected_version

    def answer(self, row: Model, *, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is now, read anew with all a reader sees."""
        return self.shown(self.get_queryset().filter(pk=row.pk).first() or row, code=code)

    def shown(self, row: Model, *, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(row).data, status=code, headers=self.tag_of(row))

    def tag_of(self, row: Model) -> dict[str, str]:
        version = self.version_of(row)
        return {} if version is None else {"ETag": f'"{version}"'}

    def handle_exception(self, exc: Exception) -> Response:
        """Beside `stale` stands the row as it is now, so that whoever changes it can begin from there."""
        response = super().handle_exception(exc)
        if isinstance(exc, Refusal) and exc.code == "stale" and "pk" in self.kwargs:
            row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
            if row is not None:
                response.data["current"] = self.get_serializer(row).data
                for name, value in self.tag_of(row).items():
                    response[name] = value
        return response


class Adding:
    """A noun of which one can add rows: POST answers 201 with the new one.

    The noun's `add` has a service make it.
    """

    add: Callable[[dict[str, Any]], Model]

    def may_add(self) -> bool:
        """Whether the asker may add one at all; else 403, before the body is looked at."""
        return True

    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not self.may_add():
            refuse()
        row = self.add(self.given())
        response = self.answer(row, code=status.HTTP_201_CREATED)
        response["Location"] = f"{request.path}{row.pk}/"
        return response


class Changing:
    """A noun whose rows can be changed: PATCH with what changes answers the whole row.

    The noun's `change` has a service write it, with `self.expected_version`.
    """

    change: Callable[[Any, dict[str, Any]], Model]

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_editable()
        _wrong = self.expected_version  # what is no version is refused before anything else is read
        return self.answer(self.change(row, self.given(row)))


class Nested:
    """A noun below a row of another: `/o/<slug>/key-results/<parent>/check-ins/`, with `self.parent`.

    class Readings(Nested, Noun):
        parents = KPI.objects           # a stranger's is 404
        parent_field = "kpi"

    urlpatterns = addresses("kpis/<int:parent>/readings", Readings, name="readings")
    """

    parents: Any
    parent_field: str
    parent: Any

    def initial(self: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        self.parent = get_visible(self.parents, self.membership, pk=kwargs["parent"])

    def rows(self: Any) -> QuerySet:
        return super().rows().filter(**{self.parent_field: self.parent})  # type: ignore[misc]


def addresses(place: str, noun: type[Noun], *, name: str = "") -> list[URLPattern]:
    """The addresses of a noun below `/api/v1/`: its list, its rows, and what else it can do.

    Their names are `api_<name>`, `api_<name>_detail` and `api_<name>_<act>`; `name` is the place unless given.
    """
    name = "api_" + (name or place).replace("-", "_")
    here = f"o/<slug:slug>/{place}/"

    def door(of_one: bool, **methods: str) -> Any:
        actions: Any = {method: act for method, act in methods.items() if hasattr(noun, act)}
        return noun.as_view(actions, detail=of_one)

    found = [
        path(here, door(False, get="list", post="create"), name=name),
        path(
            f"{here}<int:pk>/",
            door(True, get="retrieve", patch="partial_update", put="update", delete="destroy"),
            name=f"{name}_detail",
        ),
    ]
    for act in noun.get_extra_actions():
        where = f"{here}<int:pk>/{act.url_path}/" if act.detail else f"{here}{act.url_path}/"
        view = noun.as_view(dict(act.mapping), detail=act.detail, **act.kwargs)
        # An act of the whole noun stands before the row whose id its word would have to be.
        found.append(path(where, view, name=f"{name}_{act.url_name.replace('-', '_')}"))
    return found
