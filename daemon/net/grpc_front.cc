#include "daemon/net/grpc_front.h"

#include <utility>

namespace voxeld {

GrpcFront::GrpcFront(Poller* poller, const GrpcDoor& door) : poller_(poller), door_(door) {}

GrpcFront::~GrpcFront() {
  if (stopping_.joinable()) stopping_.join();
  for (auto& [peer, slot] : servers_) {
    if (slot.building.joinable()) slot.building.join();
  }
}

void GrpcFront::Warm(const std::string& peer) {
  Slot& slot = servers_[peer];
  if (slot.server != nullptr || slot.building.joinable()) return;
  slot.building =
      std::thread([this, peer, with = peer == kTcpPeer ? tcp_ : GrpcPeer{peer, nullptr}] {
        // Posted as a raw pointer would leak if the poller stopped first; a shared one does not.
        auto server = std::make_shared<std::unique_ptr<GrpcServer>>(GrpcServer::Start(door_, with));
        poller_->Post([this, peer, server] { Built(peer, std::move(*server)); });
      });
}

void GrpcFront::Built(const std::string& peer, std::unique_ptr<GrpcServer> server) {
  if (stopped_) return;
  Slot& slot = servers_[peer];
  slot.building.join();
  slot.server = std::move(server);
  for (UniqueFd& fd : slot.waiting) slot.server->Adopt(std::move(fd));
  slot.waiting.clear();
}

void GrpcFront::Adopt(UniqueFd fd, const std::string& peer) {
  if (stopped_) return;
  Warm(peer);
  Slot& slot = servers_[peer];
  if (slot.server != nullptr) return slot.server->Adopt(std::move(fd));
  slot.waiting.push_back(std::move(fd));
}

void GrpcFront::Shutdown(absl::Time deadline, Poller::Task done) {
  stopped_ = true;
  stopping_ = std::thread([this, deadline, done = std::move(done)]() mutable {
    for (auto& [peer, slot] : servers_) {
      if (slot.server != nullptr) slot.server->Shutdown(deadline);
    }
    poller_->Post(std::move(done));
  });
}

}  // namespace voxeld
