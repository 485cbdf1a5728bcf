#include "daemon/memory/program_pages.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace voxeld {
namespace {

// Segments that nobody can write are as their file is: to drop them loses nothing.
int UnmapObject(dl_phdr_info* object, size_t, void*) {
  // The program itself has no name, libraries have paths; the kernel's own object has neither.
  if (object->dlpi_name[0] != '\0' && object->dlpi_name[0] != '/') return 0;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const uintptr_t end = (object->dlpi_addr + segment.p_vaddr + segment.p_filesz) & ~(page - 1);
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void UnmapProgramPages() { dl_iterate_phdr(&UnmapObject, nullptr); }

}  // namespace voxeld
