"""The routes."""

from typing import Any

from faults import fault
from flask import request
from flask.views import MethodView
from flask_jwt_extended import create_access_token, current_user, jwt_required
from flask_smorest import Blueprint, abort
from models import Comment, Tag, Ticket, TicketEvent, User, db, now
from schemas import (
    AssignmentSchema,
    CommentSchema,
    CredentialsSchema,
    TagSchema,
    TicketSchema,
    TicketUpdateSchema,
    TokenSchema,
    UserSchema,
)
from sqlalchemy.exc import IntegrityError

auth = Blueprint("auth", __name__, url_prefix="/auth")
tickets = Blueprint("tickets", __name__, url_prefix="/tickets")
tags = Blueprint("tags", __name__, url_prefix="/tags")
users = Blueprint("users", __name__, url_prefix="/users")
SECURED = {"security": [{"bearerAuth": []}]}


def ticket_or_404(ticket_id: int) -> Ticket:
    query = db.select(Ticket).where(Ticket.id == ticket_id)
    if not (fault("other_organisation") and request.method == "PATCH"):
        query = query.where(Ticket.organisation_id == current_user.organisation_id)
    ticket = db.session.scalar(query.with_for_update())
    if ticket is None:
        abort(404, message="no such ticket")
    return ticket


def demand(*roles: str) -> None:
    if current_user.role not in roles:
        abort(403, message="you may not do this")


def record(ticket: Ticket, kind: str) -> None:
    db.session.add(TicketEvent(ticket_id=ticket.id, actor_id=current_user.id, kind=kind))


@auth.post("/login")
@auth.arguments(CredentialsSchema)
@auth.response(200, TokenSchema)
@auth.alt_response(401, description="wrong address or password")
def login(credentials: dict[str, Any]) -> dict[str, Any]:
    query = db.select(User).where(User.email == credentials["email"].lower())
    user = db.session.scalar(query)
    if user is None or not user.check_password(credentials["password"]):
        abort(401, message="wrong address or password")
    return {"access_token": create_access_token(identity=str(user.id))}


@tickets.route("/")
class Tickets(MethodView):
    @jwt_required()
    @tickets.doc(**SECURED)
    @tickets.response(200, TicketSchema(many=True))
    def get(self) -> list[Ticket]:
        """All tickets of the organisation, newest first."""
        query = db.select(Ticket).where(Ticket.organisation_id == current_user.organisation_id)
        return list(db.session.scalars(query.order_by(Ticket.id.desc())))

    @jwt_required()
    @tickets.doc(**SECURED)
    @tickets.arguments(TicketSchema)
    @tickets.response(201, TicketSchema)
    def post(self, data: dict[str, Any]) -> Ticket:
        """Opens a ticket."""
        author_id = current_user.id
        if fault("author_from_body"):
            author_id = request.get_json().get("author_id", author_id)
        if fault("title_cut"):
            data["title"] = data["title"][:20]
        ticket = Ticket(
            **data, author_id=author_id, organisation_id=current_user.organisation_id, status="open"
        )
        db.session.add(ticket)
        db.session.flush()
        if fault("event_apart"):
            db.session.commit()
        record(ticket, "opened")
        db.session.commit()
        return ticket


@tickets.route("/<int:ticket_id>")
class OneTicket(MethodView):
    @jwt_required()
    @tickets.doc(**SECURED)
    @tickets.response(200, TicketSchema)
    @tickets.alt_response(404, description="no such ticket")
    def get(self, ticket_id: int) -> Ticket:
        return ticket_or_404(ticket_id)

    @jwt_required()
    @tickets.doc(**SECURED)
    @tickets.arguments(TicketUpdateSchema)
    @tickets.response(200, TicketSchema)
    @tickets.alt_response(404, description="no such ticket")
    @tickets.alt_response(409, description="the ticket is closed")
    def patch(self, data: dict[str, Any], ticket_id: int) -> Any:
        """Changes what is named; a closed ticket stays as it is."""
        ticket = ticket_or_404(ticket_id)
        if ticket.status == "closed":
            abort(409, message="the ticket is closed")
        shown = dict(data)
        if fault("echo"):
            data.pop("priority", None)
        for name, value in data.items():
            setattr(ticket, name, value)
        if not fault("updated_at_kept"):
            ticket.updated_at = now()
        record(ticket, "changed")
        db.session.commit()
        if fault("echo"):
            return {name: getattr(ticket, name) for name in TicketSchema().fields} | shown
        return ticket

    @jwt_required()
    @tickets.doc(**SECURED)
    @tickets.response(204)
    @tickets.alt_response(403, description="agents only")
    @tickets.alt_response(404, description="no such ticket")
    def delete(self, ticket_id: int) -> None:
        """Removes a ticket with its comments and its history; for administrators."""
        demand("admin")
        ticket = ticket_or_404(ticket_id)
        if not fault("comments_stay"):
            for comment in list(ticket.comments):
                db.session.delete(comment)
        db.session.delete(ticket)
        db.session.commit()


@tickets.post("/<int:ticket_id>/comments")
@jwt_required()
@tickets.doc(**SECURED)
@tickets.arguments(CommentSchema)
@tickets.response(201, CommentSchema)
@tickets.alt_response(404, description="no such ticket")
def comment_on(data: dict[str, Any], ticket_id: int) -> Comment:
    """Adds a comment."""
    ticket = ticket_or_404(ticket_id)
    comment = Comment(ticket_id=ticket.id, author_id=current_user.id, **data)
    db.session.add(comment)
    if not fault("event_missing"):
        record(ticket, "commented")
    db.session.commit()
    return comment


@tickets.post("/<int:ticket_id>/assign")
@jwt_required()
@tickets.doc(**SECURED)
@tickets.arguments(AssignmentSchema)
@tickets.response(200, TicketSchema)
@tickets.alt_response(403, description="agents only")
@tickets.alt_response(404, description="no such ticket")
@tickets.alt_response(409, description="no agent of this organisation")
def assign(data: dict[str, Any], ticket_id: int) -> Ticket:
    """Hands a ticket to an agent."""
    demand("agent", "admin")
    ticket = ticket_or_404(ticket_id)
    agent = db.session.get(User, data["assignee_id"])
    if agent is None or agent.organisation_id != ticket.organisation_id:
        abort(409, message="assignee_id: no user of this organisation")
    ticket.assignee_id = agent.id
    ticket.updated_at = now()
    record(ticket, "assigned")
    db.session.commit()
    return ticket


@tickets.post("/<int:ticket_id>/close")
@jwt_required()
@tickets.doc(**SECURED)
@tickets.response(200, TicketSchema)
@tickets.alt_response(403, description="agents only")
@tickets.alt_response(404, description="no such ticket")
@tickets.alt_response(409, description="closed already")
def close(ticket_id: int) -> Ticket:
    """Closes a ticket, once."""
    if not fault("close_by_customers"):
        demand("agent", "admin")
    ticket = ticket_or_404(ticket_id)
    if ticket.status == "closed" and not fault("closed_again"):
        abort(409, message="the ticket is closed already")
    ticket.status = "closed"
    ticket.closed_at = ticket.updated_at = now()
    record(ticket, "closed")
    db.session.commit()
    return ticket


@tags.post("/")
@jwt_required()
@tags.doc(**SECURED)
@tags.arguments(TagSchema)
@tags.response(201, TagSchema)
@tags.alt_response(403, description="agents only")
@tags.alt_response(409, description="there is such a tag")
def create_tag(data: dict[str, Any]) -> Tag:
    """Makes a tag; names are unique."""
    demand("agent", "admin")
    tag = Tag(name=data["name"], organisation_id=current_user.organisation_id)
    db.session.add(tag)
    try:
        db.session.commit()
    except IntegrityError:
        if fault("tag_race"):
            raise
        db.session.rollback()
        abort(409, message="name: there is such a tag")
    return tag


@tags.delete("/<int:tag_id>")
@jwt_required()
@tags.doc(**SECURED)
@tags.response(204)
@tags.alt_response(403, description="agents only")
@tags.alt_response(404, description="no such tag")
def delete_tag(tag_id: int) -> None:
    demand("agent", "admin")
    tag = db.session.get(Tag, tag_id)
    if tag is None or tag.organisation_id != current_user.organisation_id:
        abort(404, message="no such tag")
    db.session.delete(tag)
    db.session.commit()


@users.get("/me")
@jwt_required()
@users.doc(**SECURED)
@users.response(200, UserSchema)
def me() -> User:
    return current_user


@users.post("/")
@jwt_required()
@users.doc(**SECURED)
@users.arguments(UserSchema)
@users.response(201, UserSchema)
@users.alt_response(403, description="administrators only")
@users.alt_response(409, description="the address is taken")
def create_user(data: dict[str, Any]) -> User:
    """Adds a user to the organisation of the administrator."""
    demand("admin")
    password = data.pop("password")
    if not fault("email_as_typed"):
        data["email"] = data["email"].lower()
    user = User(**data, organisation_id=current_user.organisation_id)
    user.set_password(password)
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409, message="email: the address is taken")
    return user
