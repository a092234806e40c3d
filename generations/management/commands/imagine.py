"""The main job from a shell."""

from django.core.management.base import CommandError

from generations.commanding import USAGE, JobCommand
from generations.enqueue import CannotEnqueue, enqueue
from generations.models import Job


class Command(JobCommand):
    help = "Queue a prompt for a member. With --wait, exit 0 only when its pictures are saved."

    def add_arguments(self, parser) -> None:
        parser.add_argument("prompt", help='the text, for example "a lighthouse at dusk --ar 16:9"')
        super().add_arguments(parser)

    def handle(self, *, prompt: str, user: str, account: str | None, wait, timeout, as_json, **options) -> None:
        person = self.person(user)
        try:
            made = enqueue(person, prompt, account=self.account(person, account))
        except CannotEnqueue as error:
            raise CommandError(str(error), returncode=USAGE) from None
        self.finish(Job.objects.filter(prompt=made), wait=wait, timeout=timeout, as_json=as_json)
