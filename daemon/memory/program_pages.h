// The pages of the program's files that a process has mapped.
#pragma once

namespace voxeld {

// Takes the code and constants of the program and its libraries out of the process's resident
// memory; what is needed again is mapped again from the page cache, at some hundred nanoseconds a
// page. For the end of the start, which reads much that nothing reads afterwards. Threading: any
// thread, while others run.
void UnmapProgramPages();

}  // namespace voxeld
