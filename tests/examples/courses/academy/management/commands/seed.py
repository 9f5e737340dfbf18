"""`manage.py seed`: two teachers, two students (token: first name, dash, token), one course."""

from datetime import date

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from rest_framework.authtoken.models import Token

from academy.models import Course, Enrolment, Profile


class Command(BaseCommand):
    def handle(self, *args, **options):
        people = {}
        for name, role in [
            ("tara", "teacher"),
            ("tom", "teacher"),
            ("sue", "student"),
            ("sam", "student"),
        ]:
            user = get_user_model().objects.create_user(
                name, f"{name}@school.example", f"{name}-secret"
            )
            Profile.objects.create(user=user, role=role)
            Token.objects.create(user=user, key=f"{name}-token")
            people[name] = user
        course = Course.objects.create(
            slug="algebra",
            title="Algebra",
            price="49.90",
            starts_on=date(2027, 1, 11),
            ends_on=date(2027, 3, 26),
            places=12,
            teacher=people["tara"],
        )
        Enrolment.objects.create(course=course, student=people["sam"])
