// Streams in turn: each round of the poller gives streams a bounded time, shared fairly, so that
// hundreds of busy watches cannot make a small call wait.
//
// Threading: the poller's thread.
#pragma once

#include <deque>
#include <memory>

#include "daemon/io/poller.h"

namespace voxeld {

// Who has streams to serve.
class StreamHolder {
 public:
  virtual ~StreamHolder() = default;
  // Serves a few items. Whoever wants to go on asks for another turn.
  virtual void TakeStreamTurn() = 0;
};

class StreamTurns : public Poller::Handler {
 public:
  explicit StreamTurns(Poller* poller) : poller_(poller) {}

  // `holder` gets one turn, after those who asked before it; none if it is gone by then.
  void Ask(std::weak_ptr<StreamHolder> holder);

  void OnReady(uint32_t) override {}
  void OnRoundEnd() override;

 private:
  Poller* const poller_;
  std::deque<std::weak_ptr<StreamHolder>> waiting_;
};

}  // namespace voxeld
