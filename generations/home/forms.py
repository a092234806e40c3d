"""The options of a download: names, form, and what is told beside the pictures."""

from typing import Any

from django import forms

from generations.home import naming, orders

FORMS = [(orders.AS_THEY_ARE, "As they are"), ("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WebP")]
TOLD = [(orders.NOTHING, "Nothing"), (orders.JSON, "JSON files"), (orders.XMP, "XMP inside")]


class OptionsForm(forms.Form):
    pattern = forms.CharField(
        label="File names",
        initial=naming.DEFAULT,
        required=False,
        help_text=f"Placeholders: {naming.KNOWN}. Endings are added, and a number where two names are the same.",
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocapitalize": "none"}),
    )
    form = forms.ChoiceField(
        label="Pictures",
        choices=FORMS,
        required=False,
        widget=forms.RadioSelect,
        help_text="As they are, a download that broke off can go on. Videos always stay as they are.",
    )
    told = forms.ChoiceField(
        label="Prompt and parameters",
        choices=TOLD,
        required=False,
        initial=orders.JSON,
        widget=forms.RadioSelect,
        help_text="JSON files can be imported again. XMP is read by picture programs; the pixels stay untouched.",
    )

    def clean_pattern(self) -> str:
        pattern = self.cleaned_data["pattern"].strip() or naming.DEFAULT
        try:
            naming.check(pattern)
        except naming.BadPattern as bad:
            raise forms.ValidationError(str(bad)) from None
        return pattern

    def clean_told(self) -> str:
        return self.cleaned_data["told"] or orders.NOTHING

    def order(self, chosen: orders.Chosen) -> orders.Order:
        """The order that this form makes of chosen pictures, once it is valid."""
        data: dict[str, Any] = self.cleaned_data
        return orders.Order(chosen.pks, chosen.title, data["pattern"], data["form"], data["told"])
