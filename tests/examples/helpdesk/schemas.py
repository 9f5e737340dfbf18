"""What requests and answers look like."""

from faults import fault
from marshmallow import EXCLUDE, Schema, fields, validate

PRIORITIES = ["low", "normal", "high"]


class CredentialsSchema(Schema):
    email = fields.Email(required=True)
    password = fields.String(required=True, load_only=True)


class TokenSchema(Schema):
    access_token = fields.String(required=True)


class UserSchema(Schema):
    id = fields.Integer(dump_only=True)
    email = fields.Email(required=True, validate=validate.Length(max=120))
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    role = fields.String(load_default="customer", validate=validate.OneOf(["customer", "agent"]))
    password = fields.String(required=True, load_only=True, validate=validate.Length(min=8, max=64))
    created_at = fields.DateTime(dump_only=True)


class TicketSchema(Schema):
    id = fields.Integer(dump_only=True)
    author_id = fields.Integer(dump_only=True)
    assignee_id = fields.Integer(dump_only=True, allow_none=True)
    title = fields.String(required=True, validate=validate.Length(min=3, max=120))
    body = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    priority = fields.String(load_default="normal", validate=validate.OneOf(PRIORITIES))
    status = fields.String(dump_only=True)
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)
    closed_at = fields.DateTime(dump_only=True, allow_none=True)


if fault("author_from_body"):
    TicketSchema.opts.unknown = EXCLUDE


class TicketUpdateSchema(Schema):
    title = fields.String(validate=validate.Length(min=3, max=120))
    body = fields.String(validate=validate.Length(min=1, max=2000))
    priority = fields.String(validate=validate.OneOf(PRIORITIES))


class AssignmentSchema(Schema):
    assignee_id = fields.Integer(required=True)


class CommentSchema(Schema):
    id = fields.Integer(dump_only=True)
    author_id = fields.Integer(dump_only=True)
    text = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    internal = fields.Boolean(load_default=False)
    created_at = fields.DateTime(dump_only=True)


class TagSchema(Schema):
    id = fields.Integer(dump_only=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=40))
