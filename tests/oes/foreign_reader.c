#include "foreign_reader.h"

#include <dlfcn.h>
#include <stdlib.h>

typedef unsigned char octet;
typedef int (*provider_call)(octet*, int*, octet*, int*, octet*, int*, octet*, int*);
typedef int (*text_call)(octet*, int*);
typedef int (*seal_call)(octet*, int, octet*, int*);
typedef int (*facts_call)(octet*, int, octet*, int*, octet*, int*, octet*, int*, octet*, int*,
                          octet*, int*, octet*, int*, octet*, int*, octet*, int*, octet*, int*,
                          octet*, int*, octet*, int*);
typedef int (*image_call)(octet*, int, int, octet*, int*, int*, int*);
typedef unsigned long (*digest_call)(octet*, int, octet*, int, octet*, int*);
typedef unsigned long (*sign_call)(octet*, int, octet*, int, octet*, int, octet*, int, octet*, int,
                                   octet*, int*);
typedef unsigned long (*verify_call)(octet*, int, octet*, int, octet*, int, octet*, int, octet*,
                                     int, octet*, int, int);
typedef int (*words_call)(unsigned long, octet*, int*);

struct reader {
  void* library;
  provider_call provider;
  text_call seals, time, sign_method, digest_method;
  seal_call seal;
  facts_call facts;
  image_call seal_image, sign_image;
  digest_call digest;
  sign_call sign;
  verify_call verify;
  words_call words;
};

/* look has the address of a function as its type wants it. */
#define LOOK(place, name)                        \
  do {                                           \
    *(void**)&(place) = dlsym(r->library, name); \
    if ((place) == NULL) return 0;               \
  } while (0)

static int look(reader* r) {
  LOOK(r->provider, "OES_GetProviderInfo");
  LOOK(r->seals, "OES_GetSealList");
  LOOK(r->seal, "OES_GetSeal");
  LOOK(r->facts, "OES_GetSealInfo");
  LOOK(r->seal_image, "OES_GetSealImage");
  LOOK(r->sign_image, "OES_GetSignImage");
  LOOK(r->time, "OES_GetSignDateTime");
  LOOK(r->sign_method, "OES_GetSignMethod");
  LOOK(r->digest_method, "OES_GetDigestMethod");
  LOOK(r->digest, "OES_Digest");
  LOOK(r->sign, "OES_Sign");
  LOOK(r->verify, "OES_Verify");
  LOOK(r->words, "OES_GetErrMessage");
  return 1;
}

reader* reader_load(const char* library) {
  reader* r = calloc(1, sizeof *r);
  if (r == NULL) return NULL;
  r->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (r->library != NULL && look(r)) return r;
  reader_close(r);
  return NULL;
}

void reader_close(reader* r) {
  if (r->library != NULL) dlclose(r->library);
  free(r);
}

void reader_free(piece* p) {
  free(p->octets);
  p->octets = NULL;
  p->size = 0;
}

static void make_room(piece* p) {
  p->octets = malloc(p->size > 0 ? (size_t)p->size : 1);
}

unsigned long reader_provider(reader* r, piece* name, piece* version) {
  piece company = {0}, extend = {0};
  name->octets = version->octets = NULL;
  int got =
      r->provider(NULL, &name->size, NULL, &company.size, NULL, &version->size, NULL, &extend.size);
  if (got != 0) return (unsigned long)got;
  make_room(name), make_room(&company), make_room(version), make_room(&extend);
  got = r->provider(name->octets, &name->size, company.octets, &company.size, version->octets,
                    &version->size, extend.octets, &extend.size);
  reader_free(&company), reader_free(&extend);
  return (unsigned long)got;
}

static unsigned long text_of(text_call call, piece* text) {
  text->octets = NULL;
  int got = call(NULL, &text->size);
  if (got != 0) return (unsigned long)got;
  make_room(text);
  return (unsigned long)call(text->octets, &text->size);
}

unsigned long reader_seals(reader* r, piece* list) {
  return text_of(r->seals, list);
}
unsigned long reader_time(reader* r, piece* time) {
  return text_of(r->time, time);
}
unsigned long reader_methods(reader* r, piece* sign_method, piece* digest_method) {
  const unsigned long got = text_of(r->sign_method, sign_method);
  return got != 0 ? got : text_of(r->digest_method, digest_method);
}

unsigned long reader_seal(reader* r, piece id, piece* seal) {
  seal->octets = NULL;
  int got = r->seal(id.octets, id.size, NULL, &seal->size);
  if (got != 0) return (unsigned long)got;
  make_room(seal);
  return (unsigned long)r->seal(id.octets, id.size, seal->octets, &seal->size);
}

static int facts_of(reader* r, piece seal, piece* f) {
  return r->facts(seal.octets, seal.size, f[0].octets, &f[0].size, f[1].octets, &f[1].size,
                  f[2].octets, &f[2].size, f[3].octets, &f[3].size, f[4].octets, &f[4].size,
                  f[5].octets, &f[5].size, f[6].octets, &f[6].size, f[7].octets, &f[7].size,
                  f[8].octets, &f[8].size, f[9].octets, &f[9].size, f[10].octets, &f[10].size);
}

unsigned long reader_seal_facts(reader* r, piece seal, piece facts[READER_FACTS]) {
  for (int i = 0; i < READER_FACTS; ++i) facts[i].octets = NULL;
  const int got = facts_of(r, seal, facts);
  if (got != 0) return (unsigned long)got;
  for (int i = 0; i < READER_FACTS; ++i) make_room(&facts[i]);
  return (unsigned long)facts_of(r, seal, facts);
}

static unsigned long image_of(image_call call, piece of, piece* image, int* width, int* height) {
  image->octets = NULL;
  const int got = call(of.octets, of.size, 0, NULL, &image->size, width, height);
  if (got != 0) return (unsigned long)got;
  make_room(image);
  return (unsigned long)call(of.octets, of.size, 0, image->octets, &image->size, width, height);
}

unsigned long reader_seal_image(reader* r, piece seal, piece* image, int* width, int* height) {
  return image_of(r->seal_image, seal, image, width, height);
}
unsigned long reader_sign_image(reader* r, piece value, piece* image, int* width, int* height) {
  return image_of(r->sign_image, value, image, width, height);
}

unsigned long reader_digest(reader* r, piece data, piece method, piece* digest) {
  digest->octets = NULL;
  const unsigned long got =
      r->digest(data.octets, data.size, method.octets, method.size, NULL, &digest->size);
  if (got != 0) return got;
  make_room(digest);
  return r->digest(data.octets, data.size, method.octets, method.size, digest->octets,
                   &digest->size);
}

unsigned long reader_sign(reader* r, piece id, piece property, piece digest, piece method,
                          piece time, piece* value) {
  value->octets = NULL;
  const unsigned long got =
      r->sign(id.octets, id.size, property.octets, property.size, digest.octets, digest.size,
              method.octets, method.size, time.octets, time.size, NULL, &value->size);
  if (got != 0) return got;
  make_room(value);
  return r->sign(id.octets, id.size, property.octets, property.size, digest.octets, digest.size,
                 method.octets, method.size, time.octets, time.size, value->octets, &value->size);
}

unsigned long reader_verify(reader* r, piece seal, piece property, piece digest, piece method,
                            piece time, piece value) {
  return r->verify(seal.octets, seal.size, property.octets, property.size, digest.octets,
                   digest.size, method.octets, method.size, time.octets, time.size, value.octets,
                   value.size, 0);
}

void reader_words(reader* r, unsigned long code, piece* words) {
  words->octets = NULL;
  r->words(code, NULL, &words->size);
  make_room(words);
  r->words(code, words->octets, &words->size);
}
