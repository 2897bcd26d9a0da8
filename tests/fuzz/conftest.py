"""The modules of the fuzzer are a program, and hold no tests."""

collect_ignore = [
    "configurations.py",
    "fuzz_readers.py",
    "good_inputs.py",
    "mutations.py",
    "reader_calls.py",
]
