"""Faults that can be switched on by COURSES_BUGS, to see whether tests notice them."""

import os

FAULTS = {
    "price_float": "POST /api/courses/: the price goes through a binary fraction and is cut",
    "teacher_from_body": "POST /api/courses/: the body may name another teacher",
    "foreign_course": "PATCH /api/courses/{slug}/: courses of other teachers can be changed",
    "dates_unchecked": "POST /api/courses/: it may end before it starts",
    "level_unchecked": "POST /api/courses/: any level is stored",
    "put_keeps": "PUT /api/courses/{slug}/: a description that is left out stays",
    "overbooked": "POST /api/enrolments/: places are counted without a lock",
    "places_unchecked": "POST /api/enrolments/: a full course takes one more",
    "no_log": "POST /api/enrolments/: no log entry is written",
    "log_apart": "POST /api/enrolments/: the log entry is committed apart",
    "place_lost": "POST /api/enrolments/{id}/cancel/: the place is not given back",
    "grade_by_students": "POST /api/enrolments/{id}/grade/: students may grade themselves",
    "grade_unbounded": "POST /api/enrolments/{id}/grade/: grades above 100 are stored",
    "position_shifted": "POST /api/lessons/: the position is stored one too high",
}
ENABLED = {name for name in os.environ.get("COURSES_BUGS", "").split(",") if name}
if unknown := ENABLED - FAULTS.keys():
    raise SystemExit(f"COURSES_BUGS: unknown {', '.join(sorted(unknown))}")


def fault(name):
    return name in ENABLED
