// Clients of a running daemon, all in one thread: each sends its next request when one is answered.
//
// Cost:   some two microseconds a request, so that the daemon is what is measured.
// Errors: printed, and the program ends with 1; an error in an answer is one, too.
#pragma once

#include <cstdint>
#include <string>

#include "bench/latencies.h"

namespace voxeld::bench {

struct SocketLoad {
  std::string socket;
  std::string project;
  std::string layer;  // of the edits; empty: the sole one
  int writers = 0;    // connections that set voxels in each request
  int readers = 0;    // connections that get one voxel in each request
  int in_flight = 1;  // requests of each connection that are not answered yet
  int voxels = 1;     // of one brick, that each edit sets
  bool relaxed = false;
  bool ids = false;    // every edit has a request id
  double seconds = 1;  // for so long
  int64_t edits = 0;   // above 0: until so many edits were sent, instead
  int64_t first = 0;   // numbers edits from here on, so that another run makes others
  int32_t side = 256;  // voxels are those of a cube of that side
  int64_t corner = 0;  // all three coordinates of its first voxel
};

struct SocketResult {
  Latencies edits;
  Latencies reads;
  double seconds = 0;
  int64_t refused = 0;    // edits that were answered OVERLOADED, which are sent again
  size_t edit_bytes = 0;  // of the first edit's line
};

SocketResult RunSocketLoad(const SocketLoad& load);

// Starts the daemon `program` so many times: from before there is a process to the answer of a
// first request on its socket, `socket`, by a client that sleeps meanwhile.
Latencies RunStarts(const std::string& program, const std::string& socket, int starts);

// What no answer over a socket can beat: `bytes` sent to a process that polls, reads and sends them
// back, again and again. That process runs on `cpu`; negative: where this one may.
Latencies RunEcho(int bytes, int cpu, double seconds);

}  // namespace voxeld::bench
