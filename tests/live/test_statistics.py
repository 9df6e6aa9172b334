import pytest

from fastst.live.statistics import LiveStatistics


def test_figures_by_hand() -> None:
    statistics = LiveStatistics()
    for captured, shown in ((0.0, 0.01), (0.1, 0.13), (0.2, 0.22), (0.5, 0.51)):
        statistics.add(captured, shown)
    report = statistics.report(dropped=7, width=320, height=240, style="waves")
    assert report.frames == 4
    assert report.seconds == pytest.approx(0.5)
    assert report.fps == pytest.approx(6)
    assert report.latency_ms_median == pytest.approx(15)
    assert report.latency_ms_p95 == pytest.approx(30)
    assert report.longest_gap_ms == pytest.approx(290)
    assert report.dropped == 7


def test_the_95th_percentile_leaves_out_a_twentieth() -> None:
    statistics = LiveStatistics()
    for number in range(100):
        statistics.add(number, number + (number + 1) / 1000)
    report = statistics.report(dropped=0, width=1, height=1, style="")
    assert report.latency_ms_p95 == pytest.approx(95)


def test_the_rate_shown_is_that_of_the_last_seconds() -> None:
    statistics = LiveStatistics()
    for number in range(10):
        statistics.add(number, float(number))  # one a second
    for number in range(1, 101):
        statistics.add(0, 9 + number / 25)
    assert statistics.recent_fps == pytest.approx(25)


def test_no_frames() -> None:
    report = LiveStatistics().report(dropped=0, width=0, height=0, style="waves")
    assert (report.frames, report.fps, report.latency_ms_p95) == (0, 0, 0)
