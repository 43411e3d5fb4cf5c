#include "worker_pool.h"

#include <utility>

namespace heqi::http {

WorkerPool::WorkerPool(unsigned threads, std::size_t queue_max) : queue_max_(queue_max) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back(&WorkerPool::run, this);
}

bool WorkerPool::submit(std::function<void()> task) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(task));
    wakes = wants_another();
  }
  if (wakes) wake_.notify_one();
  return true;
}

bool WorkerPool::wants_another() {
  if (queue_.empty() || sleeping_ == 0 || is_waking_) return false;
  is_waking_ = true;
  return true;
}

void WorkerPool::stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(queue_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void WorkerPool::run() {
  for (;;) {
    std::function<void()> task;
    bool wakes = false;
    {
      std::unique_lock lock(mutex_);
      while (!stopped_ && queue_.empty()) {
        ++sleeping_;
        wake_.wait(lock);
        --sleeping_;
        is_waking_ = false;
      }
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
      wakes = wants_another();
    }
    if (wakes) wake_.notify_one();
    task();
  }
}

}  // namespace heqi::http
