"""A form that shows every kind of field on the style page."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired

from webapp.kernel.forms import BaseForm


class SampleForm(BaseForm):
    """One field of each kind."""

    class Meta:
        """It is never sent."""

        csrf = False

    title = StringField(
        "Не өзгеруі керек?",
        description="Қысқа әрі түсінікті: 80 таңбаға дейін.",
        validators=[DataRequired("Не өзгеруі керегін жазыңыз.")],
    )
    text = TextAreaField(
        "Расскажите подробнее",
        description="Кому это поможет и почему сейчас.",
        validators=[DataRequired("Напишите хотя бы два предложения.")],
    )
    city = SelectField("City", choices={"611000000": "Түркістан қаласы", "612000000": "Кентау қаласы"})
    sphere = RadioField(
        "Сала",
        choices={"transport": "Көлік және логистика", "ecology": "Экология", "safety": "Қауіпсіздік"},
        default="ecology",
    )
    agree = BooleanField("I have read how proposals are decided")
    password = PasswordField("Құпиясөз")
