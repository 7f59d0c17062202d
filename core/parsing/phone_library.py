"""The library phonenumbers, imported at its first use: it is large, and an idle program reads no phone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as COUNTRY_CODE_TO_REGION_CODE
    from phonenumbers import SUPPORTED_REGIONS as SUPPORTED_REGIONS
    from phonenumbers import NumberParseException as NumberParseException
    from phonenumbers import PhoneMetadata as PhoneMetadata
    from phonenumbers import PhoneNumber as PhoneNumber
    from phonenumbers import PhoneNumberFormat as PhoneNumberFormat
    from phonenumbers import ValidationResult as ValidationResult
    from phonenumbers import country_code_for_region as country_code_for_region
    from phonenumbers import format_number as format_number
    from phonenumbers import is_possible_number_with_reason as is_possible_number_with_reason
    from phonenumbers import is_valid_number as is_valid_number
    from phonenumbers import parse as parse
    from phonenumbers import region_code_for_country_code as region_code_for_country_code
else:

    def __getattr__(name: str) -> object:
        import phonenumbers

        return getattr(phonenumbers, name)
