//! Workers: threads that process items in parallel.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Returns how many interpreters run at a time, unless the user says something else: one for each core, and one more for each
/// two, because a job waits for its interpreter half of the time.
pub fn usual_jobs() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    cores + cores.div_ceil(2)
}

/// Processes items with as many workers as there are jobs. A worker takes the next item when it is ready. `work` sends
/// messages, and `on_message` receives them on the caller's thread.
pub fn in_parallel<T: Sync, M: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T, &dyn Fn(M)) + Sync,
    on_message: impl FnMut(M),
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                // The receiver lives as long as this scope, so that no message is lost.
                let send = |message| drop(sender.send(message));
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    work(item, &send);
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(on_message);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_processed_once_however_many_workers_there_are() {
        for (items, jobs) in [(0, 1), (1, 0), (1, 4), (7, 1), (7, 3)] {
            let items: Vec<u32> = (0..items).collect();
            let mut received = Vec::new();
            in_parallel(
                &items,
                jobs,
                |item, send| [*item, *item].into_iter().for_each(send),
                |item| received.push(item),
            );
            received.sort_unstable();
            received.dedup();
            assert_eq!(received, items);
        }
    }
}
