#pragma once

#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Searches in sixteen bytes at once, for which Swift's SIMD types have no way to say where they found something.

// A bit for each of the sixteen bytes at `bytes` that needs a look of its own inside a JSON string: quotes,
// backslashes, control characters, and everything beyond ASCII. The first byte's is the lowest.
static inline uint32_t bytes_json_string_stops(const uint8_t *bytes) {
#ifdef __SSE2__
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  // As signed bytes, those beyond ASCII are below a space too.
  __m128i outside = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
  __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  __m128i backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(outside, _mm_or_si128(quotes, backslashes)));
#else
  uint32_t stops = 0;
  for (int index = 0; index < 16; index++) {
    uint8_t byte = bytes[index];
    stops |= (uint32_t)(byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') << index;
  }
  return stops;
#endif
}

// A bit for each of the `count` bytes at `bytes`, at most 64, that equals `byte`. The first byte's is the lowest.
static inline uint64_t bytes_equal(const uint8_t *bytes, size_t count, uint8_t byte) {
  uint64_t equal = 0;
  size_t index = 0;
#ifdef __SSE2__
  __m128i sought = _mm_set1_epi8((char)byte);
  while (count >= 16 && index < count) {
    // The last sixteen may overlap those before, which are equal or not as they were.
    if (index + 16 > count) index = count - 16;
    __m128i block = _mm_loadu_si128((const __m128i *)(bytes + index));
    equal |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, sought)) << index;
    index += 16;
  }
#endif
  for (; index < count; index++) equal |= (uint64_t)(bytes[index] == byte) << index;
  return equal;
}
