"""The application, and the command that makes its database."""

import os

import models
import schemas
from faults import fault
from flask import Flask
from flask_jwt_extended import JWTManager
from flask_smorest import Api
from models import Organisation, User, db
from views import auth, tags, tickets, users


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
        JWT_SECRET_KEY=os.environ.get(
            "JWT_SECRET_KEY", "a secret of the developers' machines only"
        ),
        API_TITLE="helpdesk",
        API_VERSION="1.0",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={
            "components": {
                "securitySchemes": {
                    "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
                }
            }
        },
    )
    if fault("priority_unchecked"):
        for schema in (schemas.TicketSchema, schemas.TicketUpdateSchema):
            schema._declared_fields["priority"].validators = []
    db.init_app(app)
    jwt = JWTManager(app)

    @jwt.user_lookup_loader
    def load(_header: dict[str, object], claims: dict[str, str]) -> User | None:
        return db.session.get(User, int(claims["sub"]))

    api = Api(app)
    for blueprint in (auth, tickets, tags, users):
        api.register_blueprint(blueprint)

    @app.get("/health")
    def health() -> str:
        return "ok"

    app.cli.command("init-db")(init_db)
    return app


def init_db() -> None:
    """Creates the tables and the first users (password: first name, dash, secret)."""
    db.drop_all()
    db.create_all()
    for name, people in {
        "Acme": [("ann", "admin"), ("ben", "agent"), ("cat", "customer")],
        "Globex": [("gus", "agent")],
    }.items():
        organisation = Organisation(name=name)
        db.session.add(organisation)
        db.session.flush()
        for person, role in people:
            user = User(
                organisation_id=organisation.id,
                email=f"{person}@{name.lower()}.example",
                name=person.title(),
                role=role,
            )
            user.set_password(f"{person}-secret")
            db.session.add(user)
    db.session.flush()
    ticket = models.Ticket(
        organisation_id=1, author_id=3, title="Printer on fire", body="It burns.", priority="high"
    )
    db.session.add(ticket)
    db.session.commit()
