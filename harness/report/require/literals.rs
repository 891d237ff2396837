//! String literals of Python source, as far as names of events can stand in them.
//!
//! Comments are passed over. Adjacent literals are one, as Python joins them. Escapes are kept as they are written: the
//! name of an event has none. An f-string is read like any other string, so that a name in it is found only if nothing is
//! put into it. Bytes are passed over, because names of events are text.

/// A string literal, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// The line of its first character, from 1.
    pub line: usize,
    /// The column of its first character, from 1.
    pub column: usize,
    /// The text between the quotes.
    pub text: String,
}

/// A string that has no end, by line and column.
pub(super) type Unfinished = (usize, usize);

/// Returns the string literals of a file, in order.
///
/// # Errors
/// The place of a string in triple quotes that does not end. Any other string ends with its line.
pub(super) fn literals(source: &str) -> Result<Vec<Literal>, Unfinished> {
    let mut reader = Reader { rest: source, line: 1, column: 1 };
    let (mut found, mut joins) = (Vec::<Literal>::new(), false);
    while let Some(c) = reader.peek() {
        match c {
            '#' => reader.take_while(|c| c != '\n'),
            // White space and line continuations may stand between literals that belong together.
            c if c.is_whitespace() || c == '\\' => reader.take(1),
            c if is_of_name(c) || is_quote(c) => match reader.token()? {
                Token::Name => joins = false,
                Token::Bytes => {}
                Token::Text(literal) => {
                    match found.last_mut().filter(|_| joins) {
                        Some(last) => last.text += &literal.text,
                        None => found.push(literal),
                    }
                    joins = true;
                }
            },
            _ => {
                reader.take(1);
                joins = false;
            }
        }
    }
    Ok(found)
}

fn is_quote(c: char) -> bool {
    c == '"' || c == '\''
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A part of the source that begins with a letter or a quote.
enum Token {
    /// A name, a keyword or a number.
    Name,
    /// A string of bytes.
    Bytes,
    /// A string of text.
    Text(Literal),
}

/// The part of the source that is not read yet, and its place.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self, count: usize) {
        for c in self.rest.chars().take(count) {
            self.column += 1;
            if c == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            }
        }
        let end = self.rest.char_indices().nth(count).map_or(self.rest.len(), |(end, _)| end);
        self.rest = &self.rest[end..];
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) {
        self.take(self.rest.chars().take_while(|c| is_wanted(*c)).count());
    }

    /// Reads a name, or a string with its prefix.
    fn token(&mut self) -> Result<Token, Unfinished> {
        let (line, column) = (self.line, self.column);
        let prefix = self.rest.split(|c| !is_of_name(c)).next().unwrap_or_default();
        let (is_prefix, is_bytes) =
            (prefix.len() <= 2 && prefix.chars().all(|c| "rRbBuUfFtT".contains(c)), prefix.contains(['b', 'B']));
        self.take(prefix.chars().count());
        let Some(quote) = self.peek().filter(|c| is_prefix && is_quote(*c)) else { return Ok(Token::Name) };
        let triple = quote.to_string().repeat(3);
        let quotes = if self.rest.starts_with(&triple) { triple } else { quote.to_string() };
        self.take(quotes.len());
        let length = self.length(&quotes).ok_or((line, column))?;
        let text = self.rest.chars().take(length).collect();
        self.take(length + quotes.len());
        Ok(if is_bytes { Token::Bytes } else { Token::Text(Literal { line, column, text }) })
    }

    /// Returns the number of characters before the closing quotes. A string that is not in triple quotes ends with its
    /// line at the latest.
    fn length(&self, quotes: &str) -> Option<usize> {
        let mut is_escaped = false;
        for (length, (at, c)) in self.rest.char_indices().enumerate() {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '\n' if quotes.len() == 1 => return Some(length),
                _ if self.rest[at..].starts_with(quotes) => return Some(length),
                _ => {}
            }
        }
        (quotes.len() == 1).then(|| self.rest.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        literals(source).expect("all strings end").into_iter().map(|literal| literal.text).collect()
    }

    #[test]
    fn literals_are_found_in_all_forms() {
        for (source, expected) in [
            ("x = 'os.mkdir'", &["os.mkdir"][..]),
            ("{\"open\": 1, 'exec': 2}", &["open", "exec"]),
            ("r'a' R\"b\" + u'c' + f'd{e}'", &["ab", "c", "d{e}"]),
            ("b'os.mkdir' 'open'", &["open"]),
            ("'''a\n'b'\n''' , \"\"\"c\"\"\"", &["a\n'b'\n", "c"]),
            ("'socket.' # 'comment'\n 'connect'", &["socket.connect"]),
            ("'os.' \\\n 'mkdir'", &["os.mkdir"]),
            ("'a', 'b'", &["a", "b"]),
            ("'it\\'s' + 'x'", &["it\\'s", "x"]),
            ("r'\\' 'x'", &["\\' ", ""]),
            ("# 'no'\nname = 1", &[]),
            ("'no end\n'open'", &["no endopen"]),
            ("''", &[""]),
            ("", &[]),
        ] {
            assert_eq!(texts(source), expected, "{source}");
        }
    }

    #[test]
    fn a_literal_has_its_place_and_one_without_end_too() {
        let found = literals("é = 1\nif event == 'open': pass").expect("strings");
        assert_eq!((found[0].line, found[0].column), (2, 13));
        assert_eq!(literals("a = 1\nb = '''x\n"), Err((2, 5)));
    }
}
