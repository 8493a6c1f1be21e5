"""Writes holidays.txt: public holidays of whole countries, by year, as month and day.

usage: pip install holidays==0.108 && python make_holidays.py > holidays.txt
"""

import re
import warnings

import holidays

YEARS = range(2015, 2041)
COUNTRIES = (
    "AR AT AU BE BR CA CH CL CN CO CZ DE DK ES FI FR GB GR HR HU IE IL IN IT JP KR LT LV MX NL NO"
    " NZ PL PT RO SE SG SI SK TR US ZA"
).split()


def main():
    warnings.simplefilter("ignore")
    for country in COUNTRIES:
        name = holidays.country_holidays(country).__class__.__mro__[1].__name__
        print(country, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
        for year in YEARS:
            days = sorted(holidays.country_holidays(country, years=year))
            print(year, *(f"{day:%m%d}" for day in days))


if __name__ == "__main__":
    main()
