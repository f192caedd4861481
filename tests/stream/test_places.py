"""Places in the queue, told in every order in which answers and statuses can cross."""

from stream.memory import Follower, Memory, at_work, places, published, settle, watched


async def test_a_place_is_told_to_nobody_who_knows_better() -> None:
    past = Memory(newest=5)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            first, better, told = Follower(5), Follower(6), Follower(5)
            assert hub.join(topic, first, 5)
            past.newest = 6
            assert hub.join(topic, better, 6)  # which the topic is not told of yet
            hub.place(topic, 5, places(5))
            await settle()
            assert (first.seen, topic.is_asking) == (6, True)
            past.newest = 7
            hub.on_message(*published(7))
            hub.place(topic, 7, places(7))
            assert (first.placed, better.placed, topic.is_asking) == (7, 7, False)
            assert hub.join(topic, told, 5)
            assert (told.got, told.placed) == ([6, 7], 7)
            past.newest = 8
            best = Follower(8)
            assert hub.join(topic, best, 8)
            await settle()
            past.newest = 9
            hub.on_message(*published(9))
            hub.place(topic, 9, places(9))
            past.newest = 10
            hub.on_message(*published(10))
            late = Follower(10)
            assert hub.join(topic, late, 10)
            assert (first.placed, best.placed, late.placed) == (9, 9, None)
            assert not any(each.was_misled for each in (first, better, told, best, late))


async def test_an_answer_that_is_ahead_brings_first_what_is_missing() -> None:
    past = Memory(newest=6)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            follower = Follower(6)
            assert hub.join(topic, follower, 6)
            past.newest = 7  # of which nobody was told
            hub.place(topic, 7, places(7))
            assert (follower.got, follower.placed) == ([], None)
            hub.stirred.clear()
            await settle()
            assert hub.stirred.is_set()
            hub.place(topic, 7, places(7))
            assert (follower.got, follower.placed) == ([7], 7)
