"""Tasks a person would state by example: name → (examples, unseen inputs with the outputs the person means)."""

from __future__ import annotations

Pairs = dict[str, str]

TASKS: dict[str, tuple[Pairs, Pairs]] = {
    "phone area code": (
        {"+49 30 1234": "030", "+49 89 777": "089"},
        {"+49 221 5550": "0221", "+49 40 98": "040"},
    ),
    "phone digits only": (
        {"(212) 555-0100": "2125550100", "415-555-0199": "4155550199"},
        {"+1 650 555 0123": "16505550123", "303.555.0111": "3035550111"},
    ),
    "phone reformatted": (
        {"2125550100": "(212) 555-0100", "4155550199": "(415) 555-0199"},
        {"6505550123": "(650) 555-0123", "3035550111": "(303) 555-0111"},
    ),
    "initials": (
        {"Ada Lovelace": "A.L.", "Alan Turing": "A.T."},
        {"Grace Hopper": "G.H.", "Konrad Zuse": "K.Z."},
    ),
    "first name": (
        {"Ada Lovelace": "Ada", "Alan M. Turing": "Alan"},
        {"Anna-Lena Groß": "Anna-Lena", "Grace Hopper": "Grace"},
    ),
    "last name": (
        {"Ada Lovelace": "Lovelace", "Alan M. Turing": "Turing"},
        {"Grace Brewster Murray Hopper": "Hopper", "Ann O'Neil": "O'Neil"},
    ),
    "last name first": (
        {"Ada Lovelace": "Lovelace, Ada", "Alan Turing": "Turing, Alan"},
        {"Grace Hopper": "Hopper, Grace", "Jörg Müller": "Müller, Jörg"},
    ),
    "first name first": (
        {"Lovelace, Ada": "Ada Lovelace", "Turing, Alan": "Alan Turing"},
        {"Hopper, Grace": "Grace Hopper", "Müller, Jörg": "Jörg Müller"},
    ),
    "shouted name to a name": (
        {"LOVELACE ADA": "Ada Lovelace", "TURING ALAN": "Alan Turing"},
        {"HOPPER GRACE": "Grace Hopper", "MÜLLER JÖRG": "Jörg Müller"},
    ),
    "initial and last name": (
        {"Ada Lovelace": "A. Lovelace", "Grace Hopper": "G. Hopper"},
        {"Alan Turing": "A. Turing", "Konrad Zuse": "K. Zuse"},
    ),
    "login from a name": (
        {"Ada Lovelace": "alovelace", "Grace Hopper": "ghopper"},
        {"Alan Turing": "aturing", "Konrad Zuse": "kzuse"},
    ),
    "e-mail user": (
        {"ada.l@example.com": "ada.l", "turing@bletchley.uk": "turing"},
        {"g_hopper@navy.mil": "g_hopper", "x+y@z.co.uk": "x+y"},
    ),
    "e-mail domain": (
        {"ada.l@example.com": "example.com", "turing@bletchley.org.uk": "bletchley.org.uk"},
        {"g_hopper@navy.mil": "navy.mil", "a@b.c.d.e": "b.c.d.e"},
    ),
    "e-mail top-level domain": (
        {"ada.l@example.com": "com", "turing@bletchley.org.uk": "uk"},
        {"g.hopper@navy.mil": "mil", "k@zuse.de": "de"},
    ),
    "name from an e-mail": (
        {"ada.lovelace@example.com": "Ada Lovelace", "alan.turing@bletchley.uk": "Alan Turing"},
        {"grace.hopper@navy.mil": "Grace Hopper", "konrad.zuse@zuse.de": "Konrad Zuse"},
    ),
    "ISO date to German": (
        {"2024-01-05": "05.01.2024", "2023-12-31": "31.12.2023"},
        {"1999-07-09": "09.07.1999", "2000-02-29": "29.02.2000"},
    ),
    "German date to ISO": (
        {"5.1.2024": "2024-01-05", "31.12.2023": "2023-12-31"},
        {"9.7.1999": "1999-07-09", "29.2.2000": "2000-02-29"},
    ),
    "American date to ISO": (
        {"1/25/2024": "2024-01-25", "12/3/2023": "2023-12-03"},
        {"7/9/1999": "1999-07-09", "2/29/2000": "2000-02-29"},
    ),
    "date in words to ISO": (
        {"5 Jan 2024": "2024-01-05", "31 Dec 2023": "2023-12-31"},
        {"9 Jul 1999": "1999-07-09", "29 Feb 2000": "2000-02-29"},
    ),
    "compact date to ISO": (
        {"20240105": "2024-01-05", "20231231": "2023-12-31"},
        {"19990709": "1999-07-09", "20000229": "2000-02-29"},
    ),
    "ISO date to words": (
        {"2024-01-05": "January 5, 2024", "2023-12-31": "December 31, 2023"},
        {"1999-07-09": "July 9, 1999", "2000-02-29": "February 29, 2000"},
    ),
    "quarter of a date": (
        {"2024-02-05": "Q1 2024", "2023-11-30": "Q4 2023"},
        {"1999-07-09": "Q3 1999", "2000-06-30": "Q2 2000"},
    ),
    "weekday of a date": (
        {"2024-01-05": "Friday", "2023-12-31": "Sunday"},
        {"1999-07-09": "Friday", "2000-02-29": "Tuesday"},
    ),
    "year of a timestamp": (
        {"2024-01-05 17:30:00": "2024", "1998-12-31 00:00:01": "1998"},
        {"2001-07-09 01:02:03": "2001", "1977-02-28 23:59:59": "1977"},
    ),
    "hour of a timestamp": (
        {"2024-01-05T17:30:00": "17", "2023-12-31T08:00:01": "08"},
        {"1999-07-09T01:02:03": "01", "2000-02-29T23:59:59": "23"},
    ),
    "file extension": (
        {"report.pdf": "pdf", "data.2024.csv": "csv"},
        {"a.b.tar": "tar", "photo.jpeg": "jpeg"},
    ),
    "file without extension": (
        {"report.pdf": "report", "data.2024.csv": "data.2024"},
        {"a.b.tar": "a.b", "photo.jpeg": "photo"},
    ),
    "file name of a path": (
        {"/home/ada/notes.txt": "notes.txt", "/tmp/x.csv": "x.csv"},
        {"/var/log/app/today.log": "today.log", "/a.b": "a.b"},
    ),
    "zip padded": (
        {"1234": "01234", "501": "00501", "90210": "90210"},
        {"7": "00007", "10001": "10001", "6510": "06510"},
    ),
    "leading zeros gone": (
        {"00123": "123", "0450": "450", "7": "7"},
        {"000900": "900", "42": "42"},
    ),
    "currency to a plain number": (
        {"$1,234.50": "1234.50", "$17.00": "17.00"},
        {"$1,000,000.99": "1000000.99", "$0.05": "0.05"},
    ),
    "euros to a plain number": (
        {"1.234,50 €": "1234.50", "17,00 €": "17.00"},
        {"1.000.000,99 €": "1000000.99", "0,05 €": "0.05"},
    ),
    "number with thousands": (
        {"1234567": "1,234,567", "950": "950"},
        {"1000": "1,000", "12": "12", "9876543210": "9,876,543,210"},
    ),
    "two decimals": (
        {"3.14159": "3.14", "2": "2.00"},
        {"10.5": "10.50", "0.999": "1.00"},
    ),
    "district of a license plate": (
        {"B-AB 123": "B", "MUC-X 9": "MUC"},
        {"HH-ZZ 4567": "HH", "LÖ-A 1": "LÖ"},
    ),
    "license plate without marks": (
        {"B-AB 123": "BAB123", "MUC-X 9": "MUCX9"},
        {"HH-ZZ 4567": "HHZZ4567", "S-T 1": "ST1"},
    ),
    "host of a URL": (
        {"https://www.example.com/a/b": "www.example.com", "http://spark.apache.org/docs": "spark.apache.org"},
        {"https://x.io/": "x.io", "ftp://files.lab.edu/pub/1": "files.lab.edu"},
    ),
    "scheme of a URL": (
        {"https://www.example.com/a/b": "https", "ftp://spark.apache.org": "ftp"},
        {"http://x.io/": "http", "s3a://bucket/key": "s3a"},
    ),
    "last step of a URL": (
        {"https://example.com/shop/shoes": "shoes", "https://example.com/hats": "hats"},
        {"https://example.com/a/b/c": "c", "http://x.io/y": "y"},
    ),
    "value of a query": (
        {"/find?q=spark&page=2": "spark", "/find?q=delta&page=10": "delta"},
        {"/find?q=ml&page=1": "ml", "/look?q=x1&page=7": "x1"},
    ),
    "family of a product code": (
        {"ABC-1234-X": "ABC", "ZQ-77-Y": "ZQ"},
        {"K-9-Z": "K", "LMNO-12345-A": "LMNO"},
    ),
    "number of a product code": (
        {"ABC-1234-X": "1234", "ZQ-77-Y": "77"},
        {"K-9-Z": "9", "LMNO-12345-A": "12345"},
    ),
    "product code in a slug": (
        {"Blue Suede Shoes": "blue-suede-shoes", "Red Hat": "red-hat"},
        {"Very Large Green Box": "very-large-green-box", "Sock": "sock"},
    ),
    "yes and no capitalised": (
        {"yes": "Yes", "NO": "No"},
        {"no": "No", "YES": "Yes"},
    ),
    "text in brackets": (
        {"Berlin (DE)": "DE", "New York (US)": "US"},
        {"São Paulo (BR)": "BR", "Rome (ITA)": "ITA"},
    ),
    "city of an address": (
        {"Main St 5, 10115 Berlin": "Berlin", "Am Tor 1, 80331 München": "München"},
        {"Weg 12, 50667 Köln": "Köln", "Allee 3a, 01067 Dresden": "Dresden"},
    ),
    "zip of an address": (
        {"Main St 5, 10115 Berlin": "10115", "Am Tor 1, 80331 München": "80331"},
        {"Weg 12, 50667 Köln": "50667", "Allee 3, 01067 Dresden": "01067"},
    ),
    "flight number parted": (
        {"UA1545": "UA 1545", "LH7": "LH 7"},
        {"BA98": "BA 98", "DL2021": "DL 2021"},
    ),
    "seconds dropped": (
        {"17:30:05": "17:30", "08:00:59": "08:00"},
        {"23:59:59": "23:59", "00:01:00": "00:01"},
    ),
    "account masked": (
        {"DE89370400440532013000": "****3000", "GB29NWBK60161331926819": "****6819"},
        {"FR1420041010050500013M02606": "****2606", "AT611904300234573201": "****3201"},
    ),
    "width of a size": (
        {"1920x1080": "1920", "800x600 px": "800"},
        {"640x480": "640", "3840x2160 px": "3840"},
    ),
    "amount and unit": (
        {"12kg": "12 KG", "3.5l": "3.5 L"},
        {"100g": "100 G", "0.75ml": "0.75 ML"},
    ),
    "folder of a path": (
        {"/home/ada/notes.txt": "/home/ada", "/tmp/x.csv": "/tmp"},
        {"/var/log/app/today.log": "/var/log/app", "/etc/a/b": "/etc/a"},
    ),
    "minor version": (
        {"3.11.7": "3.11", "4.1.0": "4.1"},
        {"10.2.33": "10.2", "0.9.1": "0.9"},
    ),
    "network of an address": (
        {"10.0.3.7": "10.0.3.0", "192.168.1.20": "192.168.1.0"},
        {"172.16.0.254": "172.16.0.0", "8.8.8.8": "8.8.8.0"},
    ),
    "order number in a sentence": (
        {"Order #123 (paid)": "123", "Order #4567 (open)": "4567"},
        {"Order #9 (sent back 2 times)": "9", "Order #88 (paid)": "88"},
    ),
    "temperature without unit": (
        {"23.5°C": "23.5", "-4°C": "-4"},
        {"0.25°C": "0.25", "-12.75°C": "-12.75"},
    ),
    "snake case to words": (
        {"order_line_total": "Order Line Total", "net_price": "Net Price"},
        {"id": "Id", "a_b_c_d": "A B C D"},
    ),
    "words to snake case": (
        {"Order Line Total": "order_line_total", "Net Price": "net_price"},
        {"Id": "id", "A B C D": "a_b_c_d"},
    ),
    "camel case to words": (
        {"orderLineTotal": "Order Line Total", "netPrice": "Net Price"},
        {"unitCost": "Unit Cost", "aBigRedBox": "A Big Red Box"},
    ),
    "surname in capitals": (
        {"LOVELACE, Ada": "Ada Lovelace", "TURING, Alan": "Alan Turing"},
        {"HOPPER, Grace": "Grace Hopper", "VON NEUMANN, John": "John Von Neumann"},
    ),
    "title dropped": (
        {"Dr. Ada Lovelace": "Ada Lovelace", "Prof. Alan Turing": "Alan Turing"},
        {"Mr. Konrad Zuse": "Konrad Zuse", "Dr. Grace M. Hopper": "Grace M. Hopper"},
    ),
    "afternoon to 24 hours": (
        {"5:30 PM": "17:30", "8:05 AM": "08:05"},
        {"11:59 PM": "23:59", "12:10 AM": "00:10"},
    ),
    "latitude of a place": (
        {"52.52, 13.405": "52.52", "-33.87, 151.21": "-33.87"},
        {"0.5, -1.25": "0.5", "48.1, 11.6": "48.1"},
    ),
    "longitude of a place": (
        {"52.52, 13.405": "13.405", "-33.87, 151.21": "151.21"},
        {"0.5, -1.25": "-1.25", "48.1, 11.6": "11.6"},
    ),
    "percent to a plain number": (
        {"12.5 %": "12.5", "7 %": "7"},
        {"100 %": "100", "0.25 %": "0.25"},
    ),
    "hours and minutes": (
        {"2h 30m": "2:30", "11h 5m": "11:05"},
        {"0h 45m": "0:45", "24h 0m": "24:00"},
    ),
    "month of an invoice": (
        {"INV-20240105-77": "2024-01", "INV-20231231-8": "2023-12"},
        {"INV-19990709-100": "1999-07", "INV-20000229-1": "2000-02"},
    ),
    "day and month name in capitals": (
        {"2024-01-05": "05 JAN", "2023-12-31": "31 DEC"},
        {"1999-07-09": "09 JUL", "2000-02-29": "29 FEB"},
    ),
    "spaces around gone": (
        {"  Berlin ": "Berlin", "Rome": "Rome"},
        {" New York": "New York", "Oslo  ": "Oslo"},
    ),
    "currency written out": (
        {"1234.5 USD": "USD 1,234.50", "7 EUR": "EUR 7.00"},
        {"1000000 GBP": "GBP 1,000,000.00", "0.999 CHF": "CHF 1.00"},
    ),
    "page of a log line": (
        {"GET /index.html 200": "/index.html", "POST /api/v1/users 404": "/api/v1/users"},
        {"GET / 200": "/", "DELETE /x 500": "/x"},
    ),
    "street of an address": (
        {"Main St 5, 10115 Berlin": "Main St 5", "Am Tor 1, 80331 München": "Am Tor 1"},
        {"Weg 12, 50667 Köln": "Weg 12", "Allee 3a, 01067 Dresden": "Allee 3a"},
    ),
    "country of an account": (
        {"DE89370400440532013000": "DE", "GB29NWBK60161331926819": "GB"},
        {"FR1420041010050500013M02606": "FR", "AT611904300234573201": "AT"},
    ),
    "account in groups": (
        {
            "DE89370400440532013000": "DE89 3704 0044 0532 0130 00",
            "DE02120300000000202051": "DE02 1203 0000 0000 2020 51",
        },
        {
            "DE02500105170137075030": "DE02 5001 0517 0137 0750 30",
            "DE88100900001234567892": "DE88 1009 0000 1234 5678 92",
        },
    ),
    "last four of a card": (
        {"4111 1111 1111 1234": "1234", "5500 0000 0000 0004": "0004"},
        {"3400 000000 00009": "0009", "6011-0000-0000-0012": "0012"},
    ),
    "handle without its mark": (
        {"@ada": "ada", "@alan_t": "alan_t"},
        {"@grace.h": "grace.h", "@k0nrad": "k0nrad"},
    ),
    "hashtag": (
        {"Big Data": "#BigData", "Open Source Week": "#OpenSourceWeek"},
        {"Spark": "#Spark", "A B C D": "#ABCD"},
    ),
    "book number without marks": (
        {"978-3-16-148410-0": "9783161484100", "0-306-40615-2": "0306406152"},
        {"978 0 306 40615 7": "9780306406157", "3-598-21508-8": "3598215088"},
    ),
    "month in words to ISO": (
        {"Jan 2024": "2024-01", "Dec 2023": "2023-12"},
        {"Jul 1999": "1999-07", "Feb 2000": "2000-02"},
    ),
    "decade": (
        {"1987": "1980s", "2003": "2000s"},
        {"1955": "1950s", "2024": "2020s"},
    ),
    "colour": (
        {"#FF8800": "ff8800", "#00AA1C": "00aa1c"},
        {"#ABCDEF": "abcdef", "#123456": "123456"},
    ),
    "network card": (
        {"00-1A-2B-3C-4D-5E": "00:1a:2b:3c:4d:5e", "FF-00-AA-11-BB-22": "ff:00:aa:11:bb:22"},
        {"0A-0B-0C-0D-0E-0F": "0a:0b:0c:0d:0e:0f"},
    ),
    "department of an e-mail": (
        {"ada@cs.ox.ac.uk": "cs", "alan@maths.cam.ac.uk": "maths"},
        {"grace@bio.yale.edu": "bio", "k.z@eng.tu.de": "eng"},
    ),
    "host without www": (
        {"www.example.com": "example.com", "www.bbc.co.uk": "bbc.co.uk"},
        {"www.x.io": "x.io", "www.a-b.org": "a-b.org"},
    ),
    "route in words": (
        {"EWR-LAX": "from EWR to LAX", "JFK-MIA": "from JFK to MIA"},
        {"SFO-ORD": "from SFO to ORD", "TXL-MUC": "from TXL to MUC"},
    ),
    "score spaced": (
        {"3:2": "3 - 2", "10:0": "10 - 0"},
        {"1:11": "1 - 11", "7:7": "7 - 7"},
    ),
    "low end of a range": (
        {"10-20 EUR": "10", "5-8 USD": "5"},
        {"100-250 EUR": "100", "0-1 GBP": "0"},
    ),
    "high end of a range": (
        {"10-20 EUR": "20", "5-8 USD": "8"},
        {"100-250 EUR": "250", "0-1 GBP": "1"},
    ),
    "date with its weekday": (
        {"2024-01-05": "Fri, 05 Jan", "2023-12-31": "Sun, 31 Dec"},
        {"1999-07-09": "Fri, 09 Jul", "2000-02-29": "Tue, 29 Feb"},
    ),
    "24 hours to afternoon": (
        {"17:30": "5:30 PM", "08:05": "8:05 AM"},
        {"23:59": "11:59 PM", "00:10": "12:10 AM"},
    ),
    "fiscal quarter": (
        {"FY2024Q3": "2024-Q3", "FY2023Q1": "2023-Q1"},
        {"FY1999Q4": "1999-Q4", "FY2030Q2": "2030-Q2"},
    ),
    "floor of a room": (
        {"B2.017": "2", "C11.3": "11"},
        {"A0.100": "0", "D4.4": "4"},
    ),
    "serial number": (
        {"SN-000123": "123", "SN-004500": "4500"},
        {"SN-7": "7", "SN-0090": "90"},
    ),
    "last name after a title": (
        {"Dr. Ada Lovelace": "Lovelace", "Prof. Alan Turing": "Turing"},
        {"Mr. Konrad Zuse": "Zuse", "Dr. Grace M. Hopper": "Hopper"},
    ),
    "level of a log line": (
        {"[ERROR] disk full": "ERROR", "[INFO] job 7 done": "INFO"},
        {"[WARN] slow [3 s]": "WARN", "[DEBUG] x=1": "DEBUG"},
    ),
    "message of a log line": (
        {"[ERROR] disk full": "disk full", "[INFO] job 7 done": "job 7 done"},
        {"[WARN] slow": "slow", "[DEBUG] x=1": "x=1"},
    ),
    "phone made international": (
        {"030 1234": "+49 30 1234", "089 777": "+49 89 777"},
        {"0221 5550": "+49 221 5550", "040 98": "+49 40 98"},
    ),
    "state of an address": (
        {"Austin, TX 78701": "TX", "New York, NY 10001": "NY"},
        {"St. Paul, MN 55101": "MN", "Salt Lake City, UT 84101": "UT"},
    ),
    "short zip": (
        {"78701-1234": "78701", "10001-0001": "10001"},
        {"55101-9999": "55101", "84101": "84101"},
    ),
    "value after a label": (
        {"id: 17; name: Ada": "Ada", "id: 4; name: Alan": "Alan"},
        {"id: 100; name: Grace": "Grace", "id: 0; name: Konrad": "Konrad"},
    ),
    "American date to German": (
        {"12/31/2023": "31.12.2023", "1/5/2024": "05.01.2024"},
        {"7/9/1999": "09.07.1999", "02/29/2000": "29.02.2000"},
    ),
    "day of a timestamp": (
        {"2024-01-05T17:30:00": "2024-01-05", "2023-12-31T08:00:01": "2023-12-31"},
        {"1999-07-09T01:02:03": "1999-07-09", "2000-02-29T23:59:59": "2000-02-29"},
    ),
    "middle name": (
        {"Ada King Lovelace": "King", "Alan Mathison Turing": "Mathison"},
        {"Grace Brewster Hopper": "Brewster", "Konrad Ernst Zuse": "Ernst"},
    ),
    "initials in small letters": (
        {"Ada Lovelace": "al", "Grace Hopper": "gh"},
        {"Alan Turing": "at", "Konrad Zuse": "kz"},
    ),
    "third field": (
        {"1;Ada;London;x": "London", "22;Alan;Wilmslow;y": "Wilmslow"},
        {"3;Grace;New York;z": "New York", "4;Konrad;Hünfeld;": "Hünfeld"},
    ),
    "amount in brackets to a negative number": (
        {"(1,234)": "-1234", "(17)": "-17"},
        {"(1,000,000)": "-1000000", "(5)": "-5"},
    ),
}
