"""Faults that can be switched on by EXPENSES_BUGS, to see whether tests notice them."""

import os

FAULTS = {
    "owner_from_body": "POST /reports: the body may name another owner",
    "other_company": "PATCH /reports/{report_id}: reports of other companies can be changed",
    "others_reports": "DELETE /reports/{report_id}: colleagues may delete a report",
    "period_unchecked": "POST /reports: it may end before it starts",
    "amount_float": "POST /reports/{report_id}/expenses: the amount is cut by binary fractions",
    "currency_unchecked": "POST /reports/{report_id}/expenses: any currency is stored",
    "total_forgotten": "POST /reports/{report_id}/expenses: the total of the report does not move",
    "total_lost": "POST /reports/{report_id}/expenses: two at once lose one amount of the total",
    "committed_early": "POST /reports/{report_id}/expenses: the expense is committed before the total",
    "expense_stays": "DELETE /reports/{report_id}/expenses/{expense_id}: 204, and it is still there",
    "submitted_twice": "POST /reports/{report_id}/submit: a submitted report is submitted again",
    "approve_own": "POST /reports/{report_id}/approve: employees may approve",
    "nobody_told": "POST /reports/{report_id}/submit: no notification is written",
    "told_twice": "POST /reports/{report_id}/submit: two notifications are written",
    "purpose_upper": "PATCH /reports/{report_id}: the purpose is stored in capitals",
}
ENABLED = {name for name in os.environ.get("EXPENSES_BUGS", "").split(",") if name}
if unknown := ENABLED - FAULTS.keys():
    raise SystemExit(f"EXPENSES_BUGS: unknown {', '.join(sorted(unknown))}")


def fault(name: str) -> bool:
    return name in ENABLED
