"""Faults that can be switched on by HELPDESK_BUGS, to see whether tests notice them."""

import os

FAULTS = {
    "other_organisation": "PATCH /tickets/{ticket_id}: tickets of other organisations can be changed",
    "author_from_body": "POST /tickets: the body may name another author",
    "priority_unchecked": "POST /tickets: any text is a priority",
    "title_cut": "POST /tickets: the title is cut after 20 characters",
    "event_missing": "POST /tickets/{ticket_id}/comments: the history has no entry",
    "event_apart": "POST /tickets: the history is written in a transaction of its own",
    "updated_at_kept": "PATCH /tickets/{ticket_id}: updated_at does not move",
    "echo": "PATCH /tickets/{ticket_id}: the new priority is answered and not stored",
    "comments_stay": "DELETE /tickets/{ticket_id}: the comments stay, without a ticket",
    "close_by_customers": "POST /tickets/{ticket_id}/close: customers may close",
    "closed_again": "POST /tickets/{ticket_id}/close: a closed ticket is closed again",
    "tag_race": "POST /tags: 500 where a name is taken",
    "email_as_typed": "POST /users: the address is stored as it was typed",
}
ENABLED = {name for name in os.environ.get("HELPDESK_BUGS", "").split(",") if name}
if unknown := ENABLED - FAULTS.keys():
    raise SystemExit(f"HELPDESK_BUGS: unknown {', '.join(sorted(unknown))}")


def fault(name: str) -> bool:
    return name in ENABLED
