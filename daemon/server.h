// The daemon: builds every part, in order, and runs them until a signal says stop.
//
// Life:      Start opens the socket; Run serves on the calling thread. SIGTERM or SIGINT stop
//            accepting, let what runs finish within the grace period, then cancel it; a second one
//            ends the process at once. SIGHUP reads the settings again, and changes what can be
//            changed while it runs.
// Threading: Start and Run on one thread. Start changes the process's signal mask: no thread may
// exist before it.
// Ownership: of everything; parts are handed to each other by pointer and end in the reverse order.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/net/service_manager.h"

namespace voxeld {

// What the process was started with, besides its settings.
struct Surroundings {
  ServiceManager manager;
  std::function<absl::StatusOr<Config>()> reread;  // the settings as they are now, for SIGHUP
};

class Server {
 public:
  // Whether the settings name what exists: users, groups, processors, files. Opens no socket.
  static absl::Status Check(const Config& config);

  // The socket listens when this returns, and is served as soon as Run is called. Errors are worth
  // showing to the user: they name the path or the flag.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config, Surroundings around);
  ~Server();

  // Returns the process's exit status: 0, or 1 if calls had to be abandoned.
  int Run();

 private:
  struct Parts;
  class Life;
  explicit Server(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace voxeld
