#include "daemon/store/revision.h"

#include <utility>

#include "daemon/store/reclaimer.h"

namespace voxeld {

Revision::~Revision() {
  if (reclaimer != nullptr && document) reclaimer->Drop(std::move(document));
}

}  // namespace voxeld
