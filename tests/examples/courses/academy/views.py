"""The routes."""

from django.contrib.auth import get_user_model
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from .faults import fault
from .models import Course, Enrolment, Lesson, LogEntry
from .permissions import TeachersWrite, role
from .serializers import CourseSerializer, EnrolmentSerializer, GradeSerializer, LessonSerializer


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class CourseViewSet(viewsets.ModelViewSet):
    queryset = Course.objects.order_by("id")
    serializer_class = CourseSerializer
    permission_classes = [TeachersWrite]
    lookup_field = "slug"

    def _own(self, course):
        strict = not (fault("foreign_course") and self.request.method == "PATCH")
        if strict and course.teacher_id != self.request.user.id:
            raise PermissionDenied("this is not your course")

    def perform_create(self, serializer):
        teacher = self.request.user
        if fault("teacher_from_body") and "teacher" in self.request.data:
            teacher = get_user_model().objects.get(pk=self.request.data["teacher"])
        serializer.save(teacher=teacher)

    def perform_update(self, serializer):
        self._own(serializer.instance)
        if not serializer.partial and not fault("put_keeps"):
            for name, default in (("description", ""), ("level", "beginner")):
                serializer.validated_data.setdefault(name, default)
        serializer.save()

    def perform_destroy(self, course):
        self._own(course)
        course.delete()


class LessonViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    queryset = Lesson.objects.order_by("id")
    serializer_class = LessonSerializer
    permission_classes = [TeachersWrite]

    def perform_create(self, serializer):
        if serializer.validated_data["course"].teacher_id != self.request.user.id:
            raise PermissionDenied("this is not your course")
        if fault("position_shifted"):
            serializer.save(position=serializer.validated_data["position"] + 1)
        else:
            serializer.save()

    def perform_destroy(self, lesson):
        if lesson.course.teacher_id != self.request.user.id:
            raise PermissionDenied("this is not your course")
        lesson.delete()


class EnrolmentViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = EnrolmentSerializer
    permission_classes = [IsAuthenticated]

    def get_queryset(self):
        everyone = Enrolment.objects.order_by("id")
        if role(self.request.user) == "teacher":
            return everyone.filter(course__teacher=self.request.user)
        return everyone.filter(student=self.request.user)

    def _log(self, enrolment, what):
        LogEntry.objects.create(actor=self.request.user, action=what, enrolment_id=enrolment.id)

    def perform_create(self, serializer):
        """Takes one place of the course, and writes the log."""
        if role(self.request.user) != "student":
            raise PermissionDenied("students enrol")
        with transaction.atomic():
            courses = Course.objects.all()
            if not fault("overbooked"):
                courses = courses.select_for_update()
            course = courses.get(pk=serializer.validated_data["course"].pk)
            if course.places == 0 and not fault("places_unchecked"):
                raise Conflict("the course is full")
            if Enrolment.objects.filter(course=course, student=self.request.user).exists():
                raise Conflict("you have enrolled already")
            enrolment = serializer.save(student=self.request.user)
            course.places = max(course.places - 1, 0)
            course.save(update_fields=["places"])
            if not (fault("no_log") or fault("log_apart")):
                self._log(enrolment, "enrolled")
        if fault("log_apart"):
            self._log(enrolment, "enrolled")

    @extend_schema(request=None, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Gives the place back; once."""
        with transaction.atomic():
            enrolment = self.get_object()
            enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
            if enrolment.student_id != request.user.id:
                raise PermissionDenied("only the student may cancel")
            if enrolment.status != "active":
                raise Conflict("it is not active")
            enrolment.status = "cancelled"
            enrolment.save(update_fields=["status"])
            if not fault("place_lost"):
                course = Course.objects.select_for_update().get(pk=enrolment.course_id)
                course.places += 1
                course.save(update_fields=["places"])
            self._log(enrolment, "cancelled")
        return Response(EnrolmentSerializer(enrolment).data)

    @extend_schema(request=GradeSerializer, responses=EnrolmentSerializer)
    @action(detail=True, methods=["post"])
    def grade(self, request, pk=None):
        """The teacher's mark."""
        serializer = GradeSerializer(data=request.data)
        grade = request.data.get("grade") if isinstance(request.data, dict) else None
        if fault("grade_unbounded") and isinstance(grade, int) and 100 < grade < 30000:
            serializer = GradeSerializer(data={"grade": 100})
            serializer.is_valid(raise_exception=True)
            serializer.validated_data["grade"] = grade
        else:
            serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            enrolment = self.get_object()
            if role(request.user) != "teacher" and not fault("grade_by_students"):
                raise PermissionDenied("teachers grade")
            enrolment.grade = serializer.validated_data["grade"]
            enrolment.save(update_fields=["grade"])
            self._log(enrolment, "graded")
        return Response(EnrolmentSerializer(enrolment).data)
