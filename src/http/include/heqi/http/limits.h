// heqi/http/limits.h: the limits of the HTTP interface (docs/limits.md).
#pragma once
#include <chrono>
#include <cstddef>

namespace heqi::http {

inline constexpr std::size_t kHeaderSizeMax = 16 * 1024;  // request line and all header fields
inline constexpr std::size_t kHeaderCountMax = 64;
inline constexpr std::size_t kTargetSizeMax = 4 * 1024;
inline constexpr std::size_t kQueryCountMax = 32;
inline constexpr std::size_t kPathSegmentsMax = 16;
inline constexpr std::size_t kBodySizeDefault = std::size_t{1} << 20;
inline constexpr std::size_t kUploadSizeMax = std::size_t{64} << 20;

inline constexpr std::size_t kBodyMemoryMax = std::size_t{512} << 20;

inline constexpr std::chrono::seconds kHandshakeTime{10};
inline constexpr std::chrono::seconds kHeaderTime{
    10};  // for the whole head, however slowly it drips
inline constexpr std::chrono::seconds kBodyTime{120};  // for the whole body
inline constexpr std::chrono::seconds kAnswerTime{120};
inline constexpr std::chrono::seconds kIdleTime{60};  // between two requests of one connection
inline constexpr std::chrono::seconds kDrainTime{10};
inline constexpr std::chrono::seconds kWaitMax{30};             // a long poll
inline constexpr std::chrono::milliseconds kWaitInterval{100};  // how often a long poll looks
inline constexpr std::size_t kConnectionsMax = 4096;
inline constexpr std::size_t kRequestsPerConnectionMax = 10'000;
inline constexpr std::size_t kQueueMax = 256;  // requests that wait for a worker

inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kJsonSizeMax = std::size_t{1} << 20;
inline constexpr std::size_t kJsonNodesMax = 100'000;

inline constexpr std::size_t kPartsMax = 32;
inline constexpr std::size_t kPartHeaderSizeMax = 2 * 1024;
inline constexpr std::size_t kBoundarySizeMax = 70;  // RFC 2046 §5.1.1

}  // namespace heqi::http
