// heqi/base/scheduling.h: how the system shares its processors among the threads of a process.
#pragma once

namespace heqi::base {

// compute_uninterrupted lets a thread that computes end its turn although another one is woken
// (SCHED_BATCH): for threads that compute for less than a turn and then wait for one another, who
// would only push each other aside. Called before the first thread of the process. Where the
// system does not know how, everything stays as it is.
void compute_uninterrupted();

}  // namespace heqi::base
