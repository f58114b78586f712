from __future__ import annotations

import pytest

from scoring.attributes import (
    company_domain,
    company_is_provider,
    domain_matches_company,
    email_class,
    email_domain,
    is_disposable_domain,
    is_placeholder_email,
    is_provider_domain,
    is_role_email,
    read_phone,
    registrable_domain,
)
from scoring.attributes.email import blocklist
from scoring.attributes.email_words import EDUCATION_DOMAINS, ROLES
from scoring.attributes.mail_providers import FREE_MAIL
from scoring.attributes.web_providers import ACCESS_PROVIDERS, HOSTS


@pytest.mark.parametrize(
    ("email", "kind"),
    [
        (None, "missing"), ("", "missing"), ("  ", "missing"),
        ("ann", "invalid"), ("ann@", "invalid"), ("@acme.com", "invalid"), ("ann@acme", "invalid"), ("a b@acme.com", "invalid"),
        ("ann@@acme.com", "invalid"), ("ann@acme.con", "invalid"), ("ann@localhost", "invalid"), ("ann@1.2.3.4", "invalid"),
        ("ann..lee@acme.com", "invalid"), ("ann@-acme.com", "invalid"), ("test@test.com", "invalid"), ("noemail@acme.com", "invalid"),
        ("x@yopmail.com", "disposable"), ("x@sub.yopmail.com", "disposable"), ("info@yopmail.com", "disposable"),
        ("ann@gmail.com", "free"), ("ANN@GMX.DE", "free"), ("ann@web.de", "free"), ("ann@orange.fr", "free"), ("ann@uol.com.br", "free"),
        ("ann@libero.it", "free"), ("ann@qq.com", "free"), ("info@gmail.com", "free"), ("ann@tampa.rr.com", "free"), ("a@yahoo.co.jp", "free"),
        ("ann@mit.edu", "education"), ("ann@cs.ox.ac.uk", "education"), ("max@stud.uni-koeln.de", "education"), ("a@usp.br", "education"),
        ("a@etu.univ-lyon2.fr", "education"), ("a@unam.mx", "education"), ("a@anu.edu.au", "education"), ("info@mit.edu", "education"),
        ("info@acme.com", "role"), ("kontakt@acme.de", "role"), ("ventas@acme.es", "role"), ("vendas@acme.com.br", "role"),
        ("contact@acme.fr", "role"), ("sales-emea@acme.com", "role"), ("info2@acme.com", "role"), ("no-reply@acme.com", "role"),
        ("ann.lee@acme.com", "business"), ("ann+news@acme.co.uk", "business"), ("ann@müller.de", "business"), ("john.sales@acme.com", "business"),
        ("ann@acme.example", "business"), ("marketa@acme.com", "business"),
    ],
)  # fmt: skip
def test_an_address_has_the_first_class_that_applies(email, kind):
    assert email_class(email) == kind


def test_the_lists_are_large_and_agree_with_each_other():
    assert len(FREE_MAIL) >= 500
    assert FREE_MAIL.isdisjoint(blocklist)
    assert [domain for domain in FREE_MAIL if email_class(f"jane.doe@{domain}") != "free"] == []
    assert [domain for domain in EDUCATION_DOMAINS if email_class(f"jane.doe@{domain}") != "education"] == []
    assert [role for role in ROLES if email_class(f"{role}@acme.com") != "role"] == []
    assert [domain for domain in HOSTS | ACCESS_PROVIDERS if registrable_domain(domain) != domain] == []


@pytest.mark.parametrize(
    "email",
    [
        "test@test.com",
        "none@none.com",
        "noemail@acme.com",
        "no-email@x.org",
        "asdf@asdf.com",
        "xxx@xxx.de",
        "NA@NA.com",
    ],
)
def test_placeholders_are_recognised(email):
    assert is_placeholder_email(email)


@pytest.mark.parametrize(
    "email", ["ann@example.com", "ann@acme.com", "info@acme.com", "tester.jones@acme.com", "", "@"]
)
def test_real_looking_addresses_are_no_placeholders(email):
    assert not is_placeholder_email(email)


def test_role_boxes_are_recognised_on_any_domain():
    assert is_role_email("info@gmail.com")
    assert is_role_email("Buchhaltung@firma.example")
    assert not is_role_email("ann.info@acme.com")


@pytest.mark.parametrize(
    ("email", "domain"),
    [("Ann@Acme.COM ", "acme.com"), ("a@b@c.de", "c.de"), ("@c.de", None), ("a@", None), ("a", None)],
)
def test_the_domain_of_an_address_follows_the_last_at_sign(email, domain):
    assert email_domain(email) == domain


def test_disposable_domains_include_their_subdomains():
    assert is_disposable_domain("mail.yopmail.com")
    assert not is_disposable_domain("acme.com")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.acme.co.uk/about?x=1", "acme.co.uk"), ("acme.com", "acme.com"), ("WWW.ACME.COM", "acme.com"), ("shop.acme.com.br", "acme.com.br"),
        ("https://user:pw@acme.com:8080/", "acme.com"), ("//acme.com", "acme.com"), ("mailto:a@acme.de", "acme.de"), ("acme.com.", "acme.com"),
        ("Müller.de", "müller.de"), ("xn--mller-kva.de", "müller.de"), ("acme.github.io", "acme.github.io"), ("www.acme.example", "acme.example"),
        ("co.uk", None), ("192.168.0.1", None), ("localhost", None), ("n/a", None), ("acme", None), ("acme.invalidtld", None), ("", None), ("http://", None),
    ],
)  # fmt: skip
def test_a_registrable_domain_is_found_in_any_spelling_of_a_site(text, domain):
    assert registrable_domain(text) == domain


@pytest.mark.parametrize(
    ("website", "email", "kind", "domain"),
    [
        ("www.acme.com", "ann@other.com", "business", "acme.com"),
        (None, "mail.acme.com", "business", "acme.com"),
        (None, "acme.com", "role", "acme.com"),
        ("linkedin.com/company/acme", "acme.com", "business", "acme.com"),
        ("linkedin.com/company/acme", "gmail.com", "free", None),
        (None, "gmail.com", "free", None),
        (None, "mit.edu", "education", None),
        (None, None, "missing", None),
    ],
)
def test_the_company_domain_is_the_sites_else_that_of_a_business_address(website, email, kind, domain):
    assert company_domain(website, email, kind) == domain


def test_providers_are_free_mail_access_and_platforms():
    assert all(
        map(
            is_provider_domain,
            ["gmail.com", "t-online.de", "comcast.net", "telekom.de", "linkedin.com", "facebook.com"],
        )
    )
    assert not is_provider_domain("acme.com")


@pytest.mark.parametrize(
    ("company", "website", "expected"),
    [
        ("Comcast Cable", None, True), ("Deutsche Telekom AG", None, True), ("gmail.com", None, True), (None, "t-online.de", True),
        ("Orange S.A.", None, True), ("Acme", "linkedin.com/company/acme", False), ("Acme", None, False), ("Telefonica", "acme.com", True), (None, None, None),
    ],
)  # fmt: skip
def test_a_company_that_is_only_a_provider_is_recognised(company, website, expected):
    assert company_is_provider(company, website) is expected


@pytest.mark.parametrize(
    ("address", "website", "company", "expected"),
    [
        ("acme.com", "https://www.acme.com", None, True), ("mail.acme.de", "acme.com", None, True), ("bmw.de", "bmwgroup.com", "BMW Group", True),
        ("acme.com", None, "ACME GmbH", True), ("siemens-energy.com", None, "Siemens Energy AG", True), ("other.com", "acme.com", "Acme", False),
        ("gmail.com", "acme.com", "Acme", False), ("other.com", None, "Acme", None), ("gmail.com", None, "Acme", None),
        ("acme.com", "linkedin.com/x", "Acme", True), (None, "acme.com", "Acme", None), ("acme.com", None, None, None),
    ],
)  # fmt: skip
def test_an_address_is_held_against_the_company(address, website, company, expected):
    assert domain_matches_company(address, website, company) is expected


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+49 30 901820", None, ("+4930901820", True, "DE")), ("030 901820", "DE", ("+4930901820", True, "DE")),
        ("0049 30 901820", None, ("+4930901820", True, "DE")), ("0041 44 668 18 00", "DE", ("+41446681800", True, "CH")),
        ("(415) 555-2671", "US", ("+14155552671", True, "US")), ("+33 (0)1 42 68 53 00", None, ("+33142685300", True, "FR")),
        ("+44 20 7946 0958 ext. 12", None, ("+442079460958", True, "GB")), ("1-800-FLOWERS", "US", ("+18003569377", True, "US")),
        ("+800 1234 5678", None, ("+80012345678", True, None)), ("+1 (415) 555-2671 / +49 30 901820", None, ("+14155552671", True, "US")),
        ("030 901820", None, (None, None, None)), ("n/a", None, (None, False, None)), ("1111111", "US", (None, False, None)),
        ("12345", "US", (None, False, None)), ("+999 123456789", None, (None, False, None)), ("5" * 200, None, (None, False, None)),
    ],
)  # fmt: skip
def test_telephone_numbers_become_e164_with_validity_and_country(text, country, expected):
    assert read_phone(text, country) == expected
