"""Nothing in a model's text becomes anything but text and harmless structure."""

from html.parser import HTMLParser

import pytest

from safe_markdown import safe_html

ALLOWED = {
    *("p", "h4", "strong", "em", "ul", "ol", "li", "blockquote", "pre", "code", "br", "button"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}

HOSTILE = [
    "<img src=http://evil.test/x.png>",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<iframe src='http://evil.test'></iframe>",
    "<a href='http://evil.test'>x</a>",
    "<b>bold</b>",
    "<style>body{background:url(http://evil.test)}</style>",
    "<!-- comment -->",
    "<![CDATA[x]]>",
    "<?php echo 1 ?>",
    "<button data-click=1>x</button>",
    "text <div onclick=alert(1)> text",
    "<div\n\nonclick=alert(1)>",
    "![x](http://evil.test/x.png)",
    '![x](http://evil.test/x.png "title")',
    "![x][ref]\n\n[ref]: http://evil.test/x.png",
    "![ref]\n\n[ref]: http://evil.test/x.png",
    "[![x](http://evil.test/x.png)](http://evil.test)",
    "[x](http://evil.test)",
    "[x][ref]\n\n[ref]: http://evil.test",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "<http://evil.test>",
    "<mailto:x@evil.test>",
    "http://evil.test",
    "www.evil.test",
    "&lt;img src=x&gt;",
    "&#60;script&#62;",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "```html\n<img src=http://evil.test/x.png>\n```",
    '```"><img src=x>\ncode\n```',
    "`<img src=x>`",
    "~~~\n</code></pre><script>alert(1)</script>\n~~~",
    "# <img src=x>",
    "> <img src=x>",
    "- <img src=x>\n- ![x](http://evil.test)",
    "**<img src=x>**",
    "*[x](http://evil.test)*",
    "| a | b |\n|:-:|---|\n| <img src=x> | ![x](http://evil.test) |",
    "\\<img src=x\\>",
    "[1](http://evil.test)",
    "[1]: http://evil.test\n\n[1]",
    "![1]",
    "x" * 50 + "[" * 500,
    "> " * 200 + "<img src=x>",
]
AS_TYPED = [
    "$x$ and $$y$$",
    "It costs $5 and $6",
    "\\(x\\) and \\[y\\]",
    ":red[x]",
    ":blue-background[x]",
    ":material/home:",
    ":smile:",
    ":streamlit:",
    "a ~~b~~ c",
    "C:\\_new\\*",
    "&amp; &nbsp; &copy;",
    "snake_case_name",
    "2 * 3 * 4",
    "http://evil.test/?a=1&b=2",
    "[x](http://evil.test)",
    "[9] is no source",
    "[^1] note",
    "(c) -- ... 'quotes'",
]


class Read(HTMLParser):
    """What a browser would make of it: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.add("!--")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    read = Read(safe_html(text, sources=()))
    assert read.tags <= ALLOWED
    assert read.attributes <= {"start"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_around_a_source_makes_no_more_than_its_button(text: str) -> None:
    read = Read(safe_html(text, sources={1}))
    assert read.tags <= ALLOWED
    assert read.attributes <= {"start", "type", "class", "data-click", "aria-label"}


@pytest.mark.parametrize("text", AS_TYPED)
def test_what_another_markdown_would_change_appears_as_typed(text: str) -> None:
    assert Read(safe_html(text)).text.strip() == text


def test_structure_that_helps_reading_is_kept() -> None:
    html = safe_html("# Start\n\nRun **now** or *later*:\n\n3. one\n4. `two`\n\n```sh\nmake run\n```\n\n> so")
    for kept in (
        "<h4>Start</h4>",
        "<strong>now</strong>",
        '<ol start="3">',
        "<code>two</code>",
        "<blockquote>",
    ):
        assert kept in html
    assert "<pre><code>make run\n</code></pre>" in html


def test_a_marker_of_a_known_source_is_a_button() -> None:
    html = safe_html("It does [2], and [7] is not a source.", sources={1, 2})
    assert html.count("<button") == 1
    assert 'data-click="2"' in html
    assert "[7]" in html


def test_a_marker_inside_code_is_code() -> None:
    assert "<button" not in safe_html("`a[1]` and\n\n```\nb[1]\n```", sources={1})
