"""What requests and answers look like."""

from decimal import ROUND_DOWN, Decimal

from rest_framework import serializers

from .faults import fault
from .models import Course, Enrolment, Lesson


class CourseSerializer(serializers.ModelSerializer):
    teacher = serializers.PrimaryKeyRelatedField(read_only=True)
    if fault("level_unchecked"):
        level = serializers.CharField(max_length=10, required=False)

    class Meta:
        model = Course
        fields = [
            "id",
            "slug",
            "title",
            "description",
            "level",
            "price",
            "starts_on",
            "ends_on",
            "places",
            "teacher",
            "created_at",
            "updated_at",
        ]

    def validate_price(self, price):
        if fault("price_float"):
            return (Decimal(int(float(price) * 100)) / 100).quantize(Decimal("0.01"), ROUND_DOWN)
        return price

    def validate(self, data):
        starts = data.get("starts_on", getattr(self.instance, "starts_on", None))
        ends = data.get("ends_on", getattr(self.instance, "ends_on", None))
        if starts and ends and ends < starts and not fault("dates_unchecked"):
            raise serializers.ValidationError({"ends_on": "must not be before starts_on"})
        return data


class LessonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Lesson
        fields = ["id", "course", "position", "title", "minutes"]


class EnrolmentSerializer(serializers.ModelSerializer):
    student = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Enrolment
        fields = ["id", "course", "student", "status", "grade", "enrolled_at"]
        read_only_fields = ["status", "grade"]


class GradeSerializer(serializers.Serializer):
    grade = serializers.IntegerField(min_value=0, max_value=100)
