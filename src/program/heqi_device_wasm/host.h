// host.h: what the device asks of whoever runs its module: the page's worker in a browser, a test
// program natively. All calls are answered at once; the worker stores what was written, durably,
// before it acts on the reply.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__wasm__)
#define HEQI_HOST(name) __attribute__((import_module("heqi"), import_name(#name)))
#else
#define HEQI_HOST(name)
#endif

extern "C" {

// Stores: 0 holds the state, 1 the wrap key.
enum HeqiStore : std::int32_t { heqi_store_state = 0, heqi_store_key = 1 };

// random fills out; 0, or another number on failure.
HEQI_HOST(random) std::int32_t heqi_host_random(std::uint8_t* out, std::size_t size);
// now is microseconds since 1970 (UTC), steady microseconds since some moment.
HEQI_HOST(now) double heqi_host_now();
HEQI_HOST(steady) double heqi_host_steady();
// read gives the size of a file, -1 where there is none, -2 on failure; it copies the file where
// room is enough.
HEQI_HOST(read)
std::int32_t heqi_host_read(std::int32_t store, const char* name, std::size_t name_size,
                            std::uint8_t* out, std::size_t room);
// write replaces a file, remove removes it; 0, or another number on failure.
HEQI_HOST(write)
std::int32_t heqi_host_write(std::int32_t store, const char* name, std::size_t name_size,
                             const std::uint8_t* content, std::size_t size);
HEQI_HOST(remove)
std::int32_t heqi_host_remove(std::int32_t store, const char* name, std::size_t name_size);
// progress tells the percent of the PIN's stretching.
HEQI_HOST(progress) void heqi_host_progress(std::uint32_t percent);

}  // extern "C"
