"""Forms of API accounts, people and one's own settings."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts import people
from accounts.addresses import clean_base_url
from accounts.models import Account, User
from midjourney import services

EVERYONE, CHOSEN = "everyone", "chosen"


def _token_field() -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    return forms.CharField(
        label="API token",
        max_length=500,
        widget=forms.PasswordInput(render_value=False, attrs=attrs),
        help_text="Stored encrypted. Once it is saved nobody sees more than its last four characters.",
    )


def _check_token(service: str, token: str) -> None:
    problem = services.token_format_error(service, token)
    if problem:
        raise ValidationError(problem, code="token_format")


class AccessForm(forms.ModelForm):
    """Who may use an account."""

    audience = forms.ChoiceField(
        label="Who may use it",
        choices=[(EVERYONE, "Everyone"), (CHOSEN, "Chosen people")],
        widget=forms.RadioSelect,
        initial=EVERYONE,
        help_text="Admins may always use it.",
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Chosen people", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Account
        fields: tuple[str, ...] = ("members",)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["audience"] = EVERYONE if self.instance.for_everyone else CHOSEN

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        self.instance.for_everyone = cleaned.get("audience") != CHOSEN
        return cleaned


class AccountForm(AccessForm):
    """A new account. The view verifies the token upstream before anything is stored."""

    base_url = forms.CharField(
        label="Address of the service",
        max_length=300,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text="Plain http:// is for a service on this machine only.",
    )
    token = _token_field()

    class Meta(AccessForm.Meta):
        fields = ("name", "service", "base_url", "members")
        help_texts = {"name": "How the team will know it."}

    field_order = ("name", "service", "base_url", "token", "audience", "members")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("base_url", settings.USEAPI_BASE_URL)

    def clean_base_url(self) -> str:
        return clean_base_url(self.cleaned_data["base_url"])

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("token") and cleaned.get("service"):
            try:
                _check_token(cleaned["service"], cleaned["token"])
            except ValidationError as error:
                self.add_error("token", error)
        return cleaned


class TokenForm(forms.Form):
    token = _token_field()

    def __init__(self, *args, service: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.service = service

    def clean_token(self) -> str:
        token = self.cleaned_data["token"]
        _check_token(self.service, token)
        return token


class PauseForm(forms.Form):
    reason = forms.CharField(
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Other admins read it here. Running jobs are followed to their end; waiting ones keep their place.",
    )


class ChannelForm(forms.Form):
    """A Discord account that the service is to use. Its token is in the form's data and nowhere else."""

    BASIC, PRO, OWN = "3", "12", "own"
    MOST, MOST_OF_A_LANE = 15, 12  # useapi-v3.md §3

    discord = forms.CharField(
        label="Discord token",
        max_length=300,
        strip=True,
        widget=forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "data-1p-ignore": "true"},
        ),
        help_text="Full control of that Discord account. It goes to the service and is neither stored nor logged here.",
    )
    plan = forms.ChoiceField(
        label="Midjourney plan",
        choices=[(BASIC, "Basic or Standard: 3 at once"), (PRO, "Pro or Mega: 12 at once"), (OWN, "Own limits")],
        widget=forms.RadioSelect,
        initial=BASIC,
    )
    max_jobs = forms.IntegerField(label="Jobs at once", min_value=1, max_value=MOST, required=False)
    max_image_jobs = forms.IntegerField(label="of them pictures", min_value=1, max_value=MOST_OF_A_LANE, required=False)
    max_video_jobs = forms.IntegerField(label="of them videos", min_value=1, max_value=MOST_OF_A_LANE, required=False)
    has_pro = forms.BooleanField(label="This is a Pro or Mega plan, which runs more than three at once", required=False)

    LANES = ("max_image_jobs", "max_video_jobs")

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("plan") in {self.BASIC, self.PRO}:
            limit = int(data["plan"])
            data |= dict.fromkeys(("max_jobs", *self.LANES), limit)
        elif data.get("plan") == self.OWN and not self.errors:
            self._check_own(data)
        return data

    def _check_own(self, data: dict) -> None:
        for name in ("max_jobs", *self.LANES):
            if data.get(name) is None:
                self.add_error(name, "Write a number, or choose a plan above.")
        if self.errors:
            return
        for name in self.LANES:
            if data[name] > data["max_jobs"]:
                self.add_error(name, f"At most {data['max_jobs']}, the limit of all jobs together.")
        if data["max_jobs"] > int(self.BASIC) and not data.get("has_pro"):
            words = "What exceeds the plan is queued at Midjourney, where it cannot be followed. Confirm the plan."
            self.add_error("has_pro", words)

    @property
    def limits(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in ("max_jobs", *self.LANES)}


class ChannelRemoveForm(forms.Form):
    digits = forms.CharField(
        label="Last four digits of the channel",
        max_length=4,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args, remote_id: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.expected = remote_id[-4:]

    def clean_digits(self) -> str:
        if self.cleaned_data["digits"] != self.expected:
            raise ValidationError(f"Type {self.expected} to confirm that it is this channel.", code="digits")
        return self.expected


class ChannelResetForm(forms.Form):
    done = forms.BooleanField(
        label="I have done these steps in Discord",
        error_messages={"required": "Tick this once the steps are done. Resetting without them risks a ban."},
    )


class PersonForm(forms.ModelForm):
    """Somebody new."""

    class Meta:
        model = User
        fields = ("email", "name", "role")
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "role": forms.RadioSelect,
        }
        labels = {"email": "E-mail"}
        help_texts = {
            "email": "They sign in with it.",
            "role": "Members make pictures. Leads also see the team's queue. Admins look after accounts and people.",
        }
        error_messages = {"email": {"unique": "Somebody has this address already."}}

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class PersonChangeForm(forms.ModelForm):
    """Somebody's name and role; `by` is the admin who changes them."""

    class Meta:
        model = User
        fields = ("name", "role")
        widgets = {"role": forms.RadioSelect, "name": forms.TextInput(attrs={"autocomplete": "off"})}

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_role(self) -> str:
        people.check_role_change(self.instance, self.cleaned_data["role"], by=self.by)
        return self.cleaned_data["role"]


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {"name": "How others see you here."}


class ThemeForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme",)
        widgets = {"theme": forms.RadioSelect}
