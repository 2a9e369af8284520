// What core/base/number_text.cc asks JavaScript for: its own reading and printing of numbers.
addToLibrary({
  halftone_print_general__deps: ['$stringToUTF8'],
  // As printf's %.*g: so many significant digits, no zeros behind the last one, an exponent of at least two digits.
  halftone_print_general: (to, room, digits, value) => {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
    const fixed = exponent >= -4 && exponent < digits;
    const text = (fixed ? value.toPrecision(digits) : mantissa).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
    stringToUTF8(fixed ? text : `${text}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`, to, room);
  },
  halftone_read_decimal__deps: ['$UTF8ToString'],
  halftone_read_decimal: (text, length) => Number(UTF8ToString(text, length)),
});
