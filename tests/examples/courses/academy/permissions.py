"""Who may do what."""

from rest_framework.permissions import SAFE_METHODS, BasePermission


def role(user):
    return user.profile.role


class TeachersWrite(BasePermission):
    def has_permission(self, request, view):
        return bool(
            request.user
            and request.user.is_authenticated
            and (request.method in SAFE_METHODS or role(request.user) == "teacher")
        )
