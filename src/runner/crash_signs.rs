//! The lines of a process's stderr (or stdout) that tell of a crash. Start reading in `SIGNS`: one line for each text, with
//! the runtime that prints it. A line alone proves nothing: `Sign` says what has to come with it.

use std::sync::Arc;

/// What a line tells, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// The runtime, or a sanitizer, found the program itself at fault: a panic, a failed assertion, a fault of memory. It
    /// counts whatever became of the process.
    Crash,
    /// An exception that nobody caught ended a thread, a task or the process. A server that serves on did not die of it. Of a
    /// client it may be how the application reports a connection that failed: see `client::ending`.
    Uncaught,
    /// A stack trace. Libraries log one for errors that they handle, such as a peer's broken frame: it only matters together
    /// with an end of the process that is not in order.
    Trace,
}

/// Where the text stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning, behind spaces.
    Start,
    Anywhere,
}

use Place::{Anywhere, Start};
use Sign::{Crash, Trace, Uncaught};

/// The texts, by the runtime that prints them.
const SIGNS: &[(Sign, Place, &str)] = &[
    // The sanitizers of clang and gcc. All but the last end the process; UndefinedBehaviorSanitizer goes on by default.
    (Crash, Anywhere, "ERROR: AddressSanitizer"),
    (Crash, Anywhere, "ERROR: HWAddressSanitizer"),
    (Crash, Anywhere, "ERROR: LeakSanitizer"),
    (Crash, Anywhere, "WARNING: MemorySanitizer"),
    (Crash, Anywhere, "WARNING: ThreadSanitizer"),
    (Crash, Anywhere, "UndefinedBehaviorSanitizer"),
    // UndefinedBehaviorSanitizer in one line; Go says the same of an index, a nil pointer or a map.
    (Crash, Anywhere, "runtime error:"),
    // Rust: "thread 'main' panicked at src/main.rs:1:2:".
    (Crash, Anywhere, "panicked at"),
    // Rust: a panic while panicking, a failed allocation, an overflow of the stack.
    (Crash, Start, "memory allocation of"),
    (Crash, Anywhere, "has overflowed its stack"),
    // Deno: "Deno has panicked. This is a bug in Deno."
    (Crash, Anywhere, "has panicked"),
    // Bun: "oh no: Bun has crashed. This indicates a bug in Bun, not your code." and "panic(main thread): Segmentation fault".
    (Crash, Anywhere, "has crashed. This indicates a bug"),
    (Crash, Start, "panic("),
    // Zig: "thread 1234 panic: index out of bounds". A program may also log a panic that it recovered from.
    (Trace, Anywhere, " panic: "),
    // Go: "panic: ..", then "goroutine 1 [running]:"; net/http catches a handler's panic, and says "http: panic serving ..".
    (Crash, Start, "panic: "),
    (Crash, Anywhere, "panic serving "),
    (Crash, Start, "fatal error: "),
    (Crash, Start, "[signal SIG"),
    (Trace, Start, "goroutine "),
    // glibc's assert(), and libc++'s and C#'s: "x.c:1: f: Assertion `a == b' failed."
    (Crash, Anywhere, "Assertion `"),
    (Crash, Anywhere, "Assertion failed"),
    (Crash, Anywhere, "assertion failed"),
    // glibc's checks of the heap and the stack.
    (Crash, Anywhere, "*** stack smashing detected ***"),
    (Crash, Anywhere, "*** buffer overflow detected ***"),
    (Crash, Start, "double free or corruption"),
    (Crash, Start, "free(): "),
    (Crash, Start, "malloc(): "),
    (Crash, Start, "malloc_consolidate(): "),
    (Crash, Start, "corrupted size vs. prev_size"),
    (Crash, Start, "munmap_chunk(): "),
    // A shell of what it waited for, Python's faulthandler, V8, PHP.
    (Crash, Anywhere, "Segmentation fault"),
    // The runtimes of C++: "terminate called after throwing an instance of ..", "libc++abi: terminating due to ..".
    (Uncaught, Start, "terminate called "),
    (Uncaught, Start, "libc++abi: terminating"),
    // GLib: "ERROR:file.c:1:f: assertion failed" is found by what is above; this is the line behind it.
    (Crash, Start, "Bail out! "),
    // Swift: "Main/main.swift:3: Fatal error: Index out of range"; PHP: "PHP Fatal error:  Uncaught ..". Programs log it, too.
    (Uncaught, Anywhere, "Fatal error: "),
    // CPython gave up: "Fatal Python error: Segmentation fault".
    (Crash, Start, "Fatal Python error: "),
    // V8 and Node.js: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "# Fatal error in ..".
    (Crash, Anywhere, "JavaScript heap out of memory"),
    (Crash, Start, "# Fatal error in "),
    // The JVM: "# A fatal error has been detected by the Java Runtime Environment:".
    (Crash, Anywhere, "A fatal error has been detected by the Java Runtime Environment"),
    // CPython prints it where an exception ends a program, and where a program logs one.
    (Trace, Start, "Traceback (most recent call last)"),
    // CPython's asyncio: nobody asked for the outcome of a task. Often a task that was given up on purpose.
    (Trace, Anywhere, "Task exception was never retrieved"),
    // CPython ("Exception in thread Thread-1:"), the JVM ("Exception in thread "main" java.lang..").
    (Uncaught, Start, "Exception in thread "),
    // Node.js: an `error` event that nobody listens to, and a rejected promise.
    (Uncaught, Anywhere, "// Unhandled 'error' event"),
    (Uncaught, Anywhere, "[UnhandledPromiseRejection"),
    (Uncaught, Anywhere, "UnhandledPromiseRejectionWarning"),
    (Uncaught, Anywhere, "triggerUncaughtException("),
    (Uncaught, Anywhere, "uncaughtException"),
    // Deno: "error: Uncaught (in promise) TypeError: ..". PHP: "PHP Fatal error:  Uncaught Exception: ..".
    (Uncaught, Anywhere, "Uncaught "),
    // .NET: "Unhandled exception. System.IndexOutOfRangeException: ..", Mono: "Unhandled Exception:", Dart: "Unhandled exception:".
    (Uncaught, Start, "Unhandled exception"),
    (Uncaught, Start, "Unhandled Exception"),
    // Erlang and Elixir: a process that ended so is started again by its supervisor.
    (Uncaught, Anywhere, "CRASH REPORT"),
    (Uncaught, Anywhere, "Error in process <"),
    (Crash, Start, "Crash dump is being written to"),
    (Crash, Start, "Runtime terminating during boot"),
    // Ruby: a thread's end, "#<Thread:0x.. run> terminated with exception (report_on_exception is true):"; and the VM's own.
    (Uncaught, Anywhere, " terminated with exception (report_on_exception"),
    (Crash, Anywhere, "[BUG] "),
];

/// What tells of a defect of the program, not of a failed connection: the exceptions and errors that a language raises for
/// an index out of range, a null reference, a wrong type or a failed assertion. Behind a `Trace` or an `Uncaught`.
const DEFECTS: &[&str] = &[
    // Python
    "IndexError",
    "KeyError",
    "TypeError",
    "AttributeError",
    "AssertionError",
    "NameError",
    "UnboundLocalError",
    "RecursionError",
    "ZeroDivisionError",
    "OverflowError",
    "MemoryError",
    "struct.error",
    // JavaScript; its TypeError is above, its RangeError is how npm's ws reports a broken frame.
    "ReferenceError",
    // Java
    "java.lang.NullPointerException",
    "java.lang.IndexOutOfBoundsException",
    "java.lang.ArrayIndexOutOfBoundsException",
    "java.lang.StringIndexOutOfBoundsException",
    "java.lang.ClassCastException",
    "java.lang.NegativeArraySizeException",
    "java.lang.OutOfMemoryError",
    "java.lang.StackOverflowError",
    "java.lang.AssertionError",
    // .NET
    "System.NullReferenceException",
    "System.IndexOutOfRangeException",
    "System.InvalidCastException",
    "System.OutOfMemoryException",
    // C++
    "std::bad_alloc",
    "std::out_of_range",
    "std::length_error",
    // Ruby
    "NoMethodError",
];

/// The signs that a run looks for: the table, and what the user added to it.
#[derive(Clone, Debug, Default)]
pub struct CrashSigns {
    own: Arc<[String]>,
}

/// The gravest line of what a process wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What kind of line it is.
    pub sign: Sign,
    /// The line, without the spaces around it.
    pub line: String,
}

impl CrashSigns {
    /// `own`: texts that a crash of this target has in a line, such as those of `crash-signs` in wsgauntlet.toml.
    pub fn new(own: Vec<String>) -> CrashSigns {
        CrashSigns { own: own.into_iter().filter(|text| !text.trim().is_empty()).collect() }
    }

    /// What a line tells.
    pub fn of_line(&self, line: &str) -> Option<Sign> {
        if self.own.iter().any(|text| line.contains(text.as_str())) {
            return Some(Sign::Crash);
        }
        let trimmed = line.trim_start();
        let matching = SIGNS.iter().filter(|(_, place, text)| match place {
            Start => trimmed.starts_with(text),
            Anywhere => line.contains(text),
        });
        matching.map(|(sign, _, _)| *sign).min()
    }

    /// The gravest line, the first of that gravity.
    pub fn of_text(&self, text: &str) -> Option<Signed> {
        let signed = text.lines().filter_map(|line| {
            let sign = self.of_line(line)?;
            Some(Signed { sign, line: line.trim().to_owned() })
        });
        // `min_by_key` gives the first of those that are equal.
        signed.min_by_key(|signed| signed.sign)
    }
}

/// The line with an exception that tells of a defect of the program, if there is one.
pub fn defect(text: &str) -> Option<&str> {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with([':', '\'', '(', ')', ' ', '.', '\n']);
    let named = |line: &&str| {
        // "IndexError: ..", "Uncaught (in promise) TypeError: ..", "java.lang.NullPointerException"
        let is_word =
            |at: usize| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        DEFECTS.iter().any(|name| {
            line.match_indices(name).any(|(at, _)| is_word(at) && is_end(&line[at + name.len()..]))
        })
    };
    text.lines().map(str::trim).find(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What real runtimes print, and what it tells.
    #[test]
    fn lines_of_runtimes() {
        let signs = CrashSigns::default();
        for (line, sign) in [
            ("thread 'main' (12) panicked at src/main.rs:3:5:", Some(Crash)),
            ("==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6", Some(Crash)),
            ("x.c:3:7: runtime error: signed integer overflow", Some(Crash)),
            ("panic: runtime error: index out of range [5] with length 3", Some(Crash)),
            ("2026/12/01 02:00:00 http: panic serving 127.0.0.1:1: boom", Some(Crash)),
            ("goroutine 1 [running]:", Some(Trace)),
            ("server: server.c:10: main: Assertion `len > 0' failed.", Some(Crash)),
            ("python3: x.c:1: f: Assertion failed: (a), function f", Some(Crash)),
            ("memory allocation of 1099511627776 bytes failed", Some(Crash)),
            ("terminate called after throwing an instance of 'std::bad_alloc'", Some(Uncaught)),
            ("Traceback (most recent call last):", Some(Trace)),
            ("Exception in thread \"main\" java.lang.NullPointerException", Some(Uncaught)),
            ("      throw er; // Unhandled 'error' event", Some(Uncaught)),
            ("error: Uncaught (in promise) Error: x", Some(Uncaught)),
            ("Deno has panicked. This is a bug in Deno. Please report this", Some(Crash)),
            ("Unhandled exception. System.IndexOutOfRangeException: Index was outside", Some(Uncaught)),
            ("connection failed: the peer broke the protocol", None),
            ("WebSocket error: invalid close code 1006", None),
            ("closing handshake failed", None),
        ] {
            assert_eq!(signs.of_line(line), sign, "{line}");
        }
    }

    /// The gravest line is the one that counts; what the user added is as grave as a panic.
    #[test]
    fn the_gravest_line() {
        let text =
            "Traceback (most recent call last):\n  x\nIndexError: list index\nFatal Python error: Aborted\n";
        let signs = CrashSigns::new(vec!["my library gave up".to_owned(), String::new()]);
        let signed = signs.of_text(text).expect("a sign");
        assert_eq!((signed.sign, signed.line.as_str()), (Crash, "Fatal Python error: Aborted"));
        assert_eq!(signs.of_line("E: my library gave up at 7"), Some(Crash));
        assert_eq!(signs.of_text("all is well\n"), None);
    }

    /// A protocol error that a library reports is no defect; a wrong index is one.
    #[test]
    fn defects() {
        assert_eq!(
            defect("Traceback\nIndexError: list index out of range\n"),
            Some("IndexError: list index out of range")
        );
        assert_eq!(defect("error: Uncaught (in promise) TypeError: x").map(str::len), Some(41));
        for text in [
            "websockets.exceptions.ConnectionClosedError: received 1002",
            "RangeError: Invalid WebSocket frame: RSV1 must be clear",
            "MyKeyErrors: x",
            "com.example.SomeTypeErrorHandler",
        ] {
            assert_eq!(defect(text), None, "{text}");
        }
    }
}
