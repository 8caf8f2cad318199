"""The command line's manners, independent of any verb."""
import re


def test_version_is_three_numbers_on_stdout(dsodenet):
    result = dsodenet("--version")
    assert result.returncode == 0
    assert re.search(r"\b\d+\.\d+\.\d+\b", result.stdout)
    assert result.stderr == ""


def test_unknown_verb_is_a_usage_error_that_names_the_nearest(dsodenet):
    result = dsodenet("inof")
    assert result.returncode == 2
    assert "'inof'" in result.stderr
    assert "did you mean 'info'?" in result.stderr
    assert result.stdout == ""


def test_unknown_option_is_a_usage_error_that_names_it(dsodenet):
    result = dsodenet("info", "--modle", "dsodenet-t")
    assert result.returncode == 2
    assert "modle" in result.stderr
    assert "model" in result.stderr
