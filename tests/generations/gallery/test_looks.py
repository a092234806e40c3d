"""Every saved picture has a look, whichever way it came; looks that are near are found by their bands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from generations import workers
from generations.enqueue import enqueue
from generations.media import library, looks, repair, thumbnails
from generations.models import Image, ImageLook, Job, JobStatus
from generations.models.look import BAND, BANDS, BITS, SURE_WITHIN, around, bands, hamming, signed
from tests import factories
from tests.engine import drive
from tests.generations.gallery.scenes import COPIES, encoded, save, scene

SCENES = ("a lighthouse at dusk", "a red boat on a still lake", "portrait of an old sailor", "a city at night")

hashes = st.integers(min_value=-(1 << BITS - 1), max_value=(1 << BITS - 1) - 1)
numbers = st.integers(min_value=0, max_value=BITS - 1)


def flipped(phash: int, places) -> int:
    mask = sum(1 << place for place in places)
    return signed((phash & (1 << BITS) - 1) ^ mask, BITS)


def shares_a_band(one: int, other: int) -> bool:
    return any(band in around(theirs) for band, theirs in zip(bands(one), bands(other), strict=True))


class TestBands:
    @given(hashes)
    def test_bands_fit_their_columns_and_make_up_the_hash(self, phash):
        found = bands(phash)
        assert all(-(1 << 15) <= band < 1 << 15 for band in found)
        whole = sum((band & 0xFFFF) << (BAND * number) for number, band in enumerate(found))
        assert signed(whole, BITS) == phash

    @given(hashes, st.sets(numbers, max_size=BITS))
    def test_the_distance_is_the_number_of_flipped_bits(self, phash, places):
        assert hamming(phash, flipped(phash, places)) == len(places)

    @given(hashes, st.sets(numbers, max_size=SURE_WITHIN))
    def test_whatever_is_within_seven_bits_shares_a_band_but_for_one_bit(self, phash, places):
        assert shares_a_band(phash, flipped(phash, places))

    @given(hashes, st.integers(0, BANDS - 1), st.integers(0, BAND - 1), st.sets(numbers))
    def test_one_band_with_one_flip_is_enough_whatever_the_others_hold(self, phash, number, bit, places):
        others = {place for place in places if place // BAND != number}
        assert shares_a_band(phash, flipped(phash, others | {number * BAND + bit}))

    @given(hashes, hashes)
    def test_a_shared_band_is_found_from_either_side(self, one, other):
        assert shares_a_band(one, other) == shares_a_band(other, one)


class TestHash:
    @pytest.mark.parametrize("copy", COPIES)
    def test_a_copy_stays_within_what_is_surely_found(self, copy):
        for text in SCENES:
            picture = scene(text)
            assert hamming(looks.phash_of(picture), looks.phash_of(COPIES[copy](picture))) <= SURE_WITHIN, text

    def test_different_pictures_are_far_apart(self):
        found = [looks.phash_of(scene(text)) for text in SCENES]
        distances = [hamming(one, other) for at, one in enumerate(found) for other in found[:at]]
        assert min(distances) > 10

    def test_a_picture_of_one_colour_has_a_hash_too(self):
        found = [looks.phash_of(Pillow.new("RGB", (320, 180), color)) for color in ("#336699", "#000", "#fff")]
        assert all(hamming(found[0], other) <= 1 for other in found)


@pytest.mark.usefixtures("engine")
class TestSaving:
    @pytest.fixture
    def job(self, simulator, sandbox, member) -> Job:
        job = enqueue(member, "a lighthouse at dusk", account=sandbox).jobs.get()
        drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
        return job

    def test_what_is_saved_has_a_look_and_what_is_fetched_anew_gets_it_anew(self, job):
        images = list(job.images.saved())
        assert images
        assert set(ImageLook.objects.values_list("image", flat=True)) == {image.pk for image in images}
        assert set(ImageLook.objects.values_list("owner", flat=True)) == {job.owner_id}
        image = images[0]
        before = image.look.phash
        ImageLook.objects.filter(image=image).update(phash=0)
        library.full_path(image.path).unlink()
        assert repair.repair(image)
        assert ImageLook.objects.get(image=image).phash == before


@pytest.mark.django_db
class TestKeeping:
    def test_a_video_has_the_look_of_its_poster(self, member):
        [poster, film] = [
            save(member, scene("a city at night")),
            save(member, scene("a city at night"), kind="video"),
        ]
        assert film.look.phash == poster.look.phash

    def test_the_same_picture_has_one_look_however_often_it_is_taken(self, member):
        image = save(member, scene("a city at night"))
        assert looks.keep(image)
        assert ImageLook.objects.get().phash == image.look.phash

    def test_thumbnails_that_are_made_anew_are_looked_at_anew(self, member):
        image = save(member, scene("a city at night"), is_looked_at=False)
        assert thumbnails.make_again(image)
        assert ImageLook.objects.get().image == image

    @pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"half")])
    def test_a_thumbnail_that_cannot_be_read_stops_nothing(self, member, damage):
        image = save(member, scene("a city at night"), is_looked_at=False)
        damage(library.full_path(image.thumbnails[0][2]))
        assert not looks.keep(image)
        assert not ImageLook.objects.exists()

    def test_a_look_leaves_with_its_picture(self, member):
        image = save(member, scene("a city at night"))
        Image.objects.filter(pk=image.pk).delete()
        assert not ImageLook.objects.exists()

    def test_a_picture_that_was_brought_back_has_a_look(self, member, tmp_path):
        from django.core.management import call_command

        factories.make_account()
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.png").write_bytes(encoded(scene("a city at night")))
        call_command("import_pictures", str(tmp_path / "in"), "--user", member.email, "--json")
        assert ImageLook.objects.get().owner == member


@pytest.mark.django_db
class TestCatchingUp:
    def test_the_daily_run_takes_looks_that_are_missing_and_passes_over_what_cannot_be_read(self, member, monkeypatch):
        monkeypatch.setattr(looks, "PORTION", 2)
        images = [save(member, scene(text), is_looked_at=False) for text in SCENES]
        factories.make_image(owner=member, saved=False)
        for image in images[:2]:
            library.full_path(image.thumbnails[0][2]).unlink()
        workers.prune()
        assert set(ImageLook.objects.values_list("image", flat=True)) == {image.pk for image in images[2:]}
        assert looks.catch_up() == 0

    def test_a_run_is_bounded_and_the_next_goes_on(self, member, monkeypatch):
        monkeypatch.setattr(looks, "PORTION", 2)
        monkeypatch.setattr(looks, "MOST", 2)
        for text in SCENES:
            save(member, scene(text), is_looked_at=False)
        assert [looks.catch_up() for _ in range(3)] == [2, 2, 0]

    def test_a_run_ends_when_its_time_is_over(self, member, monkeypatch):
        save(member, scene("a city at night"), is_looked_at=False)
        monkeypatch.setattr(looks, "MOST_SECONDS", -1)
        assert looks.catch_up() == 0
