// The entries: those of the manifest, each as it lists them, and nothing beside them.
#include <algorithm>
#include <set>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include "judgement.h"

namespace heqi::documents::evidence {

using base::ByteView;
using base::Result;

namespace {

void judge_listed(Judgement& on, const ListedEntry& listed) {
  if (on.package.find(listed.name) == nullptr)
    return on.find(Fault::entry_missing, listed.name, "");
  const Result<ByteView> octets = on.package.read(listed.name);
  if (!octets) return on.find(Fault::entry_unreadable, listed.name, octets.error().detail);
  if (octets->size() != listed.size || base::to_hex(crypto::sm3(*octets)) != listed.sm3)
    on.find(Fault::entry_changed, listed.name, "its SM3 or its size is another one");
}

void judge_unlisted(Judgement& on) {
  std::set<std::string_view> known = {kManifestName, kSignatureName};
  for (const ListedEntry& one : on.manifest.entries) known.insert(one.name);
  for (const ofd::Entry& one : on.package.entries())
    if (known.count(one.name) == 0) on.find(Fault::entry_unlisted, one.name, "");
}

// judge_form packs the entries again: headers, order and what stands between entries are the
// platform's own.
void judge_form(Judgement& on) {
  std::vector<std::string> names = {std::string(kManifestName), std::string(kSignatureName)};
  for (const ListedEntry& one : on.manifest.entries) names.push_back(one.name);
  std::vector<ofd::NewEntry> entries;
  for (const std::string& name : names) {
    const Result<ByteView> octets = on.package.read(name);
    if (!octets) return on.find(Fault::entry_unreadable, name, octets.error().detail);
    entries.push_back({name, base::to_bytes(*octets)});
  }
  const auto again = ofd::write_package(nullptr, entries);
  if (!again) return on.find(Fault::form_differs, "", again.error().detail);
  if (!base::same_bytes(*again, on.package.file()))
    on.find(Fault::form_differs, "", "its entries, packed again, give another file");
}

}  // namespace

void judge_entries(Judgement& on) {
  const Result<ByteView> text = on.package.read(kManifestName);
  Result<Manifest> manifest =
      text ? parse_manifest(*text) : Result<Manifest>(std::move(text).error());
  if (!manifest) return on.find(Fault::entry_unreadable, kManifestName, manifest.error().detail);
  on.manifest = *std::move(manifest);
  const std::size_t before = on.report.findings.size();
  for (const ListedEntry& one : on.manifest.entries) judge_listed(on, one);
  judge_unlisted(on);
  if (on.report.findings.size() == before) judge_form(on);
  if (on.report.findings.size() == before)
    on.report.findings.insert(on.report.findings.end(), on.unreadable.begin(), on.unreadable.end());
  on.report.contract = on.manifest.contract;
  on.report.title = on.manifest.title;
  on.report.owner = on.manifest.owner;
  on.report.parties = on.manifest.parties;
}

}  // namespace heqi::documents::evidence
