from django.contrib import admin
from django.urls import path

from polls import views

urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.question, name="question"),
    path("<int:pk>/results/", views.results, name="results"),
    path("admin/", admin.site.urls),
]
