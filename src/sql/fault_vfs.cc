// The crash shim's SQLite VFS: the default one, with every write-type call counted.
#ifdef HEQI_FAULT_HOOKS
#include <sqlite3.h>

#include <cstring>
#include <new>

#include "fault_plan.h"

namespace heqi::sql::faults {

base::Status check_plan();  // fault_plan.cc

namespace {

// File is followed in memory by the file of the VFS below.
struct File {
  sqlite3_file base;
  sqlite3_file* below;
};

sqlite3_vfs* below_vfs = nullptr;
sqlite3_io_methods methods;

sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->below;
}

int close_file(sqlite3_file* file) {
  return below(file)->pMethods->xClose(below(file));
}
int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return below(file)->pMethods->xRead(below(file), to, size, offset);
}
int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const auto tear = [&] { below(file)->pMethods->xWrite(below(file), from, size / 2, offset); };
  if (enter(tear) == Verdict::fail) return SQLITE_IOERR_WRITE;
  return below(file)->pMethods->xWrite(below(file), from, size, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (enter() == Verdict::fail) return SQLITE_IOERR_TRUNCATE;
  return below(file)->pMethods->xTruncate(below(file), size);
}
int sync(sqlite3_file* file, int flags) {
  if (enter() == Verdict::fail) return SQLITE_IOERR_FSYNC;
  return below(file)->pMethods->xSync(below(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return below(file)->pMethods->xFileSize(below(file), size);
}
int lock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xLock(below(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xUnlock(below(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* held) {
  return below(file)->pMethods->xCheckReservedLock(below(file), held);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return below(file)->pMethods->xFileControl(below(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return below(file)->pMethods->xSectorSize(below(file));
}
int device_characteristics(sqlite3_file* file) {
  return below(file)->pMethods->xDeviceCharacteristics(below(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  if (extend != 0 && enter() == Verdict::fail) return SQLITE_IOERR_SHMMAP;
  return below(file)->pMethods->xShmMap(below(file), page, size, extend, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  below(file)->pMethods->xShmBarrier(below(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return below(file)->pMethods->xShmUnmap(below(file), remove);
}

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  auto* ours = new (file) File{};
  ours->below = reinterpret_cast<sqlite3_file*>(ours + 1);
  if ((flags & SQLITE_OPEN_CREATE) != 0 && enter() == Verdict::fail) return SQLITE_CANTOPEN;
  const int code = below_vfs->xOpen(below_vfs, name, ours->below, flags, out_flags);
  if (ours->below->pMethods != nullptr) ours->base.pMethods = &methods;
  return code;
}
int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (enter() == Verdict::fail) return SQLITE_IOERR_DELETE;
  return below_vfs->xDelete(below_vfs, name, sync_folder);
}

void fill_methods() {
  methods = sqlite3_io_methods{};
  methods.iVersion = 2;  // without memory-mapped reading, which would hide nothing but helps nobody
  methods.xClose = close_file;
  methods.xRead = read;
  methods.xWrite = write;
  methods.xTruncate = truncate;
  methods.xSync = sync;
  methods.xFileSize = file_size;
  methods.xLock = lock;
  methods.xUnlock = unlock;
  methods.xCheckReservedLock = check_reserved_lock;
  methods.xFileControl = file_control;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = device_characteristics;
  methods.xShmMap = shm_map;
  methods.xShmLock = shm_lock;
  methods.xShmBarrier = shm_barrier;
  methods.xShmUnmap = shm_unmap;
}

base::Status register_vfs() {
  HEQI_TRY(check_plan());
  below_vfs = sqlite3_vfs_find(nullptr);
  if (below_vfs == nullptr) return base::fail(base::Code::internal, "SQLite has no VFS");
  fill_methods();
  // A copy of the VFS below: what is not replaced is called with this one, and the default VFS of
  // Unix keeps nothing in it that differs but its name and file-locking style (pAppData).
  static sqlite3_vfs ours;
  ours = *below_vfs;
  ours.zName = "heqi-faults";
  ours.pNext = nullptr;
  ours.szOsFile = static_cast<int>(sizeof(File)) + below_vfs->szOsFile;
  ours.xOpen = open_file;
  ours.xDelete = delete_file;
  if (sqlite3_vfs_register(&ours, 1) != SQLITE_OK)
    return base::fail(base::Code::internal, "SQLite refused the VFS");
  return {};
}

}  // namespace

base::Status install() {
  static const base::Status kInstalled = register_vfs();
  return kInstalled;
}

}  // namespace heqi::sql::faults
#endif
