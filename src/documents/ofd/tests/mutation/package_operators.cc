#include "operators.h"

namespace heqi::documents::ofd {
namespace {

using testing::SeededRandom;

using Change = std::function<bool(Bytes&, SeededRandom&)>;

Operator on_octets(std::string name, Change change, Claim claim = Claim::broken) {
  return {std::move(name),
          [claim, change = std::move(change)](const Sample& sample, SealingDesk&,
                                              SeededRandom& random) -> std::optional<Mutated> {
            Bytes file = sample.file;
            if (!change(file, random)) return std::nullopt;
            return Mutated{std::move(file), claim};
          }};
}

const Entry& any_entry(const Package& package, SeededRandom& random) {
  return package.entries()[random.below(package.entries().size())];
}

std::size_t place_of(const Bytes& file, base::ByteView part) {
  return static_cast<std::size_t>(part.data() - file.data());
}

// flip_data flips a bit of what an entry holds: its checksum does not fit any more.
bool flip_data(Bytes& file, SeededRandom& random) {
  const Package package = must(Package::open(file));
  const Entry& entry = any_entry(package, random);
  if (entry.packed.empty()) return false;
  file[place_of(file, entry.packed) + random.below(entry.packed.size())] ^=
      static_cast<std::uint8_t>(1U << random.below(8));
  return true;
}

// flip_at flips a bit of the local header or of the directory's record, at one field.
Change flip_at(std::size_t local, std::size_t directory, std::size_t size) {
  return [=](Bytes& file, SeededRandom& random) {
    const Package package = must(Package::open(file));
    const Entry& entry = any_entry(package, random);
    const bool in_local = random.below(2) == 0;
    const std::size_t at = in_local ? place_of(file, entry.record) + local
                                    : place_of(file, entry.directory_record) + directory;
    file[at + random.below(size)] ^= static_cast<std::uint8_t>(1U << random.below(8));
    return true;
  };
}

bool flip_anywhere(Bytes& file, SeededRandom& random) {
  file[random.below(file.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
  return true;
}

bool truncated(Bytes& file, SeededRandom& random) {
  file.resize(random.below(file.size()));
  return true;
}

bool longer(Bytes& file, SeededRandom& random) {
  file.resize(file.size() + 1 + random.below(40));
  return true;
}

bool later(Bytes& file, SeededRandom& random) {
  file.insert(file.begin(), 1 + random.below(40), 0);
  return true;
}

// repeated puts the record of one entry into the directory once more; nothing counts it.
bool repeated(Bytes& file, SeededRandom& random) {
  const Package package = must(Package::open(file));
  const base::ByteView record = any_entry(package, random).directory_record;
  const Bytes copy = base::to_bytes(record);
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(place_of(file, record)), copy.begin(),
              copy.end());
  return true;
}

std::optional<Mutated> packed_anew(const Sample& sample, SealingDesk&, SeededRandom& random) {
  std::vector<NewEntry> parts = parts_of(sample.file);
  for (std::size_t i = parts.size() - 1; i > 0; --i)
    std::swap(parts[i], parts[random.below(i + 1)]);
  return Mutated{must(write_package(nullptr, parts)), Claim::harmless};
}

// signed_once_more: whoever comes later adds a signature, where the file is not closed.
std::optional<Mutated> signed_once_more(const Sample& sample, SealingDesk& desk,
                                        SeededRandom& random) {
  const auto& who = random.below(2) == 0 ? desk.mallory : desk.alice;
  const auto prepared = prepare_signature(sample.file, desk.signing(who));
  if (!prepared) return std::nullopt;
  return Mutated{desk.finish(*prepared, who), Claim::harmless};
}

std::optional<Mutated> changed_and_signed(const Sample& sample, SealingDesk& desk, SeededRandom&) {
  const Bytes changed =
      edited(sample.file, "Doc_0/Pages/Page_0/Content.xml", "壹万元整", "贰万元整");
  const auto prepared = prepare_signature(changed, desk.signing(desk.mallory));
  if (!prepared) return std::nullopt;
  return Mutated{desk.finish(*prepared, desk.mallory), Claim::broken};
}

}  // namespace

std::vector<Operator> package_operators() {
  return {
      on_octets("flip in packed data", flip_data),
      on_octets("flip in a checksum", flip_at(14, 16, 4)),
      on_octets("flip in a size", flip_at(22, 24, 4)),
      on_octets("flip in a packed size", flip_at(18, 20, 4)),
      on_octets("flip in a name", flip_at(30, 46, 4)),
      on_octets("flip in a method", flip_at(8, 10, 2)),
      on_octets("flip anywhere", flip_anywhere, Claim::open),
      on_octets("a cut file", truncated),
      on_octets("octets after the end", longer),
      on_octets("octets before the begin", later),
      on_octets("a record repeated", repeated),
      {"packed anew", packed_anew},
      {"signed once more", signed_once_more},
      {"changed and signed once more", changed_and_signed},
  };
}

}  // namespace heqi::documents::ofd
