"""Routes."""

from academy import views
from django.http import HttpResponse
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
router.register("courses", views.CourseViewSet, basename="course")
router.register("lessons", views.LessonViewSet, basename="lesson")
router.register("enrolments", views.EnrolmentViewSet, basename="enrolment")

urlpatterns = [
    path("api/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny])),
    path("health/", lambda request: HttpResponse("ok")),
]
