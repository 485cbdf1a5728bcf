#include "voxel/grid/loan.h"

#include <array>
#include <utility>

#include "absl/synchronization/mutex.h"

namespace voxel::internal {
namespace {

constexpr uint32_t kChains = 64;

// Lives for the process: volumes may end after main.
absl::Mutex& ChainLock(uint32_t chain) {
  static auto* const locks = new std::array<absl::Mutex, kChains>();
  return (*locks)[chain];
}

}  // namespace

Loan::Loan(const void* owner)
    : chain_(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(owner) / 64 % kChains)) {}

bool Loan::Borrow(Loan& lender, uint64_t changed) {
  absl::MutexLock lock(&ChainLock(lender.chain_));
  if (lender.borrower_ != nullptr) return false;
  lender.borrower_ = this;
  lender_ = &lender;
  chain_ = lender.chain_;
  held_ = changed;
  return true;
}

uint64_t Loan::Leave() {
  absl::MutexLock lock(&ChainLock(chain_));
  uint64_t to_drop = held_;
  if (lender_ != nullptr) lender_->borrower_ = borrower_;
  if (borrower_ != nullptr) {
    borrower_->lender_ = lender_;
    to_drop &= std::exchange(borrower_->held_, borrower_->held_ | held_);
  }
  held_ = ~uint64_t{0};
  lender_ = nullptr;
  borrower_ = nullptr;
  return to_drop;
}

}  // namespace voxel::internal
