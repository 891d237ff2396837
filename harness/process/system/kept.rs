//! The processes of a keeper on Linux, as we see them from outside of their namespace.

use std::fs;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::super::usage::Usage;
use super::posix::kill_process;

/// The size, in bytes, of the pages in which the kernel counts memory.
const PAGE: u64 = 4096;

/// The unit in which the kernel shows processor time: `USER_HZ` is 100 on all processors.
const TICK: Duration = Duration::from_millis(10);

/// Returns init, the first process of the namespace of a keeper, if there is one.
pub fn init(keeper: u32) -> Option<u32> {
    children(keeper).into_iter().find(|child| number_inside(*child) == Some(1))
}

/// Ends all processes of the namespace whose first process is `init`. Its keeper ends when they have ended.
pub fn end_namespace(init: u32) {
    kill(init, |init| number_inside(init) == Some(1));
}

/// Kills the orphans in the namespace whose first process is `init`. Returns how many there were.
pub fn kill_orphans(init: u32) -> usize {
    let orphans = children_of_thread(init, init);
    for orphan in &orphans {
        kill(*orphan, |orphan| children_of_thread(init, init).contains(&orphan));
    }
    orphans.len()
}

/// Kills a process of the namespace of a keeper by the number that it has there. No other process is hurt when nobody in
/// the namespace has this number.
pub fn kill_inside(keeper: u32, number: u32) {
    let is_meant = |process: u32| number_inside(process) == Some(number);
    if let Some(process) = descendants(keeper).into_iter().find(|process| is_meant(*process)) {
        kill(process, is_meant);
    }
}

/// Returns how much a process and its descendants use at this moment, except space on disk.
pub fn usage(process: u32) -> Usage {
    let all = [vec![process], descendants(process)].concat();
    let files = |process: &u32| fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
    Usage {
        memory: PAGE * all.iter().filter_map(|process| pages(*process)).sum::<u64>(),
        processes: all.len(),
        open_files: all.iter().map(files).sum(),
        processor: all.iter().filter_map(|process| processor(*process)).sum(),
        space: 0,
    }
}

/// Returns the number of pages of a process that are in memory: the second number of `statm` (proc(5)).
fn pages(process: u32) -> Option<u64> {
    fs::read_to_string(format!("/proc/{process}/statm")).ok()?.split(' ').nth(1)?.parse().ok()
}

/// Returns the processor time of a process and of those of its children that have ended: the numbers 14 to 17 of `stat`
/// (proc(5)). The second one is a name in brackets, which may have any character.
fn processor(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let ticks: u64 = rest.split(' ').skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(TICK * u32::try_from(ticks).ok()?)
}

/// Returns the children of a process that still run, or wait to be reaped.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let threads = threads.filter_map(|thread| thread.file_name().to_str()?.parse().ok());
    threads.flat_map(|thread| children_of_thread(process, thread)).collect()
}

/// Returns the children that a thread of a process started. Orphans are children of the first thread, whose number is that
/// of the process.
fn children_of_thread(process: u32, thread: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{process}/task/{thread}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// Returns the children of a process, their children, and so on.
fn descendants(process: u32) -> Vec<u32> {
    let mut all = children(process);
    let mut next = 0;
    while let Some(process) = all.get(next).copied() {
        all.extend(children(process));
        next += 1;
    }
    all
}

/// Returns the number of a process in its innermost namespace.
fn number_inside(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("NSpid:"))?.split_whitespace().last()?.parse().ok()
}

/// Kills a process if it is still the one that is meant: another one may have got its number meanwhile.
fn kill(process: u32, is_meant: impl Fn(u32) -> bool) {
    let Some(number) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return };
    match pidfd_open(number, PidfdFlags::empty()) {
        // Fails when it has ended.
        Ok(file) if is_meant(process) => drop(pidfd_send_signal(file, Signal::KILL)),
        // Kernels before 5.3.
        Err(Errno::NOSYS) => kill_process(process),
        _ => {}
    }
}
